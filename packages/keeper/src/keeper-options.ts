/**
 * What a keeper is opened with. Every setting has a unit and a default; nothing is read from elsewhere.
 */

import type { KeeperClock } from "./keeper-clock.ts";
import { KeeperError } from "./keeper-error.ts";
import type { KeeperLog } from "./keeper-log.ts";
import type { Person } from "./login/login-way.ts";
import type { WaysIn } from "./login-ways.ts";
import type { Vault } from "./vault/vault.ts";

export interface KeeperOptions {
  /** An open vault (it stays the caller's to close), a directory, or a `postgres://` URL. @defaultValue what `openVault()` finds */
  readonly vault?: Vault | string | undefined;
  /** Who can be asked for a login: a terminal, a dashboard. @defaultValue nobody: then `LoginRequired` is thrown */
  readonly person?: Person | undefined;
  /** Whether `token()` waits for somebody else's login when nobody can be asked here. @defaultValue false */
  readonly wait?: boolean | undefined;
  /** Minutes before a token's end at which `expiring` is told. @defaultValue 15 */
  readonly expiringMinutes?: number | undefined;
  /** Loopback port of the approval way's webhook receiver. @defaultValue 7476 */
  readonly webhookPort?: number | undefined;
  /** @defaultValue the system's */
  readonly clock?: KeeperClock | undefined;
  /** Gets facts of an allow-list, no secrets (S-96). @defaultValue nothing is logged */
  readonly log?: KeeperLog | undefined;
  /** Ways in that differ, for programs that log in by means of their own. @defaultValue the keeper's */
  readonly ways?: Partial<WaysIn> | undefined;
}

const MOST_EXPIRING_MINUTES = 24 * 60;

/** @throws KeeperError `USAGE` */
export function expiringMinutesOf({ expiringMinutes = 15 }: KeeperOptions): number {
  if (expiringMinutes > 1 && expiringMinutes <= MOST_EXPIRING_MINUTES) return expiringMinutes;
  throw new KeeperError("USAGE", `expiringMinutes is more than 1 and at most ${MOST_EXPIRING_MINUTES}`);
}
