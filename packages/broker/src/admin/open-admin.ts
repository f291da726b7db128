import { existsSync } from "node:fs";
import { type Clock, ForwardClock, systemClock } from "../clock.ts";
import { deriveBrokerKeys } from "../crypto/broker-keys.ts";
import { createPinHasher } from "../crypto/password-hash.ts";
import { type Randomness, systemRandomness } from "../crypto/random.ts";
import { keepAuditHead } from "../housekeeping.ts";
import type { BrokerParts } from "../parts.ts";
import { readSettings, type Settings } from "../settings.ts";
import { startAuditHead } from "../store/audit-head.ts";
import { raiseClockMark } from "../store/clock-mark.ts";
import { openDatabase, sqlitePath } from "../store/open-database.ts";
import { AdminError } from "./admin-error.ts";

export interface AdminOptions {
  /** As `--database` of `kunji serve` has it. */
  readonly database: string;
  /** 32 bytes; see broker-keys.ts. */
  readonly masterKey: Buffer;
  readonly settings?: Settings;
  /** Makes the database when there is none; otherwise a slip in its name would look like an empty broker. */
  readonly create?: boolean;
  readonly clock?: Clock;
  readonly random?: Randomness;
}

/** A broker's database, opened by whoever runs the broker. A server may be running on it meanwhile. */
export interface Admin extends AsyncDisposable {
  readonly parts: BrokerParts;
  /** Moves the audit chain's head on (S-99), then closes the database. Disposing does the same. */
  readonly close: () => Promise<void>;
}

/**
 * Opens a broker's database for the operations of this folder. To be closed in the end.
 * @throws AdminError `NOT_FOUND` when there is no such file; Error for another key, or a file that is damaged
 */
export async function openAdmin(options: AdminOptions): Promise<Admin> {
  const { database, settings = readSettings({}), clock: base = systemClock, random = systemRandomness() } = options;
  if (!options.create) requireDatabase(database);
  const keys = deriveBrokerKeys(options.masterKey);
  const db = await openDatabase({ url: database, keyCheck: keys.check, now: base.now(), onFailure() {} });
  try {
    const clock = new ForwardClock({ base, mark: await db.write(() => raiseClockMark(base.now())) });
    // Moved only at the end: what the operator is told about the rows is what the broker left.
    await db.write(() => startAuditHead(keys.audit));
    const parts: BrokerParts = { db, clock, random, keys, settings, hasher: createPinHasher({ pepper: keys.pin }) };
    const close = async () => {
      // Where rows were cut off it stays, and `verifyAuditTrail()` says so.
      await keepAuditHead(parts, () => {}).finally(() => db.close());
      await parts.hasher.close();
    };
    return { parts, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** @throws AdminError `NOT_FOUND` for a SQLite file that is not there */
export function requireDatabase(url: string): void {
  const path = url.startsWith("sqlite:") ? sqlitePath(url) : undefined;
  if (path === undefined || existsSync(path)) return;
  throw new AdminError(
    "NOT_FOUND",
    `There is no database ${path}. Name the right one, or make it with kunji admin client create or kunji serve.`,
  );
}
