/**
 * Turns what happens to an account's session into events, each told once, and none late because nobody asked: an alarm
 * rings at the next deadline by the broker's clock.
 */

import { isSameToken } from "./accept-token.ts";
import type { AccountId, Session } from "./account.ts";
import { alarm, type KeeperClock } from "./keeper-clock.ts";
import type { KeeperEvents, KeeperEventType } from "./keeper-events.ts";
import { usableUntil } from "./session-life.ts";
import type { StoredSession } from "./stored-session.ts";

export interface SessionNewsDeps {
  readonly clock: KeeperClock;
  readonly events: KeeperEvents;
  /** Minutes before the end at which `expiring` is told. */
  readonly expiringMinutes: number;
}

export class SessionNews {
  readonly #id: AccountId;
  readonly #stored: StoredSession;
  readonly #deps: SessionNewsDeps;
  /** The session that was usable when it was last looked at. */
  #session: Session | undefined;
  #toldExpiring = false;
  #toldRequired = false;
  #isFirst = true;
  #cancelAlarm: (() => void) | undefined;

  constructor(id: AccountId, stored: StoredSession, deps: SessionNewsDeps) {
    this.#id = id;
    this.#stored = stored;
    this.#deps = deps;
  }

  /** The vault was read. @param living the session in it, when it can be used */
  noticed(living: Session | undefined): void {
    const isNew =
      living !== undefined &&
      (this.#session === undefined || !isSameToken(living.accessToken, this.#session.accessToken));
    const wasUsable = this.#session;
    if (isNew) {
      this.#session = living;
      this.#toldExpiring = false;
      this.#toldRequired = false;
      // What was there before this process looked is no news.
      if (!this.#isFirst) this.#emit("renewed", living.expiresAt);
    } else if (living === undefined && wasUsable !== undefined) {
      this.#session = undefined;
      this.#emit("expired", wasUsable.expiresAt);
    }
    this.#isFirst = false;
    this.check();
  }

  /** The session that somebody is given. It may be usable again although its end was told: a clock was set back. */
  usable(session: Session): void {
    if (this.#session === undefined) this.noticed(session);
  }

  /** Looks at the deadlines by the broker's clock as it is now. */
  check(): void {
    this.#cancelAlarm?.();
    const session = this.#session;
    if (session === undefined) return;
    const time = this.#stored.brokerTime();
    if (time >= usableUntil(session)) {
      this.#session = undefined;
      this.#emit("expired", session.expiresAt);
      return;
    }
    if (!this.#toldExpiring && time >= this.#expiringFrom(session)) {
      this.#toldExpiring = true;
      this.#emit("expiring", session.expiresAt);
    }
    const next = this.#toldExpiring ? usableUntil(session) : this.#expiringFrom(session);
    const { clock } = this.#deps;
    this.#cancelAlarm = alarm(
      clock,
      () => (next - this.#stored.offset) * 1000,
      () => this.check(),
    );
  }

  /** Somebody asked for a token, and nobody can be asked for a login. Told once until there is a session again. */
  required(expiresAt: number | undefined): boolean {
    if (this.#toldRequired) return false;
    this.#toldRequired = true;
    this.#emit("loginRequired", expiresAt);
    return true;
  }

  close(): void {
    this.#cancelAlarm?.();
  }

  #expiringFrom({ expiresAt }: Session): number {
    return expiresAt - this.#deps.expiringMinutes * 60;
  }

  #emit(type: KeeperEventType, expiresAt: number | undefined): void {
    this.#deps.events.emit({ type, ...this.#id, expiresAt });
  }
}
