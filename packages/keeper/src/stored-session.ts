/**
 * An account's session as this process knows it: in memory, checked against the vault on every question.
 */

import { isSameToken } from "./accept-token.ts";
import type { AccountId, Session } from "./account.ts";
import type { KeeperClock } from "./keeper-clock.ts";
import { keptOffset, usableUntil } from "./session-life.ts";
import { NO_SESSION, readSessionRecord, type SessionRecord, sessionEntry } from "./session-record.ts";
import type { Vault } from "./vault/vault.ts";

/** Milliseconds between looks of somebody who waits, beside what the vault tells: a lost notice costs no more. */
const LOOK_AGAIN = 5_000;

/** Told of every change, whoever made it; `before` is undefined the first time. */
export type SessionChange = (now: SessionRecord, before: SessionRecord | undefined) => void;

export class StoredSession {
  readonly #vault: Vault;
  readonly #id: AccountId;
  readonly #clock: KeeperClock;
  readonly #changed: SessionChange;
  #record: SessionRecord = NO_SESSION;
  #revision: string | undefined;
  #readings = 0;
  /** As the last answer showed it; wins over what was stored. Seconds. */
  #clockOffset: number | undefined;

  constructor(vault: Vault, id: AccountId, clock: KeeperClock, changed: SessionChange) {
    this.#vault = vault;
    this.#id = id;
    this.#clock = clock;
    this.#changed = changed;
  }

  /** The broker's clock, epoch seconds (S-74). */
  brokerTime(): number {
    return this.#clock.now() / 1000 + this.offset;
  }

  /** Seconds the broker's clock is ahead. */
  get offset(): number {
    return this.#clockOffset ?? this.#record.session?.clockOffset ?? 0;
  }

  /** An answer showed the broker's clock. @returns the offset that is kept from now on, when it changed */
  sawBrokerTime(epochSeconds: number): number | undefined {
    const measured = epochSeconds - this.#clock.now() / 1000;
    if (keptOffset(measured - this.offset) === 0) return undefined;
    this.#clockOffset = keptOffset(measured);
    return this.#clockOffset;
  }

  /** What the vault holds now. @throws KeeperError of the vault */
  async read(): Promise<SessionRecord> {
    const name = sessionEntry(this.#id);
    for (;;) {
      const readings = this.#readings;
      // Asked first: what is written in between only makes the next question read again.
      const revision = await this.#vault.revision(name);
      if (readings > 0 && revision === this.#revision) return this.#record;
      const content = revision === undefined ? undefined : await this.#vault.read(name);
      // Somebody else in this process read meanwhile, and perhaps something newer.
      if (readings !== this.#readings) continue;
      const record = content === undefined ? NO_SESSION : readSessionRecord(content, this.#id);
      const before = readings > 0 ? this.#record : undefined;
      if (!isSameSession(record, before)) this.#clockOffset = undefined;
      this.#record = record;
      this.#revision = content === undefined ? undefined : revision;
      this.#readings++;
      this.#changed(record, before);
      return record;
    }
  }

  /** The session, when it can be used now. */
  async living(): Promise<Session | undefined> {
    return this.livingIn(await this.read());
  }

  livingIn({ session, isDead }: SessionRecord): Session | undefined {
    return session !== undefined && !isDead && this.brokerTime() < usableUntil(session) ? session : undefined;
  }

  /**
   * Waits for a session that can be used, and keeps the process alive meanwhile.
   * @param isEnough whether it is the one waited for
   * @throws the signal's reason, or what reading the vault throws
   */
  arrival(isEnough: (session: Session) => boolean, signal: AbortSignal | undefined): Promise<Session> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        this.living().then((session) => {
          if (session !== undefined && isEnough(session)) finish(() => resolve(session));
        }, fail);
      };
      const fail = (error: unknown): void => finish(() => reject(error));
      const giveUp = (): void => fail(signal?.reason);
      const finish = (settle: () => void): void => {
        clearInterval(timer);
        unwatch();
        signal?.removeEventListener("abort", giveUp);
        settle();
      };
      const timer = setInterval(look, LOOK_AGAIN);
      const unwatch = this.#vault.watch(sessionEntry(this.#id), look);
      if (signal?.aborted) return giveUp();
      signal?.addEventListener("abort", giveUp, { once: true });
      look();
    });
  }

  /** Looks whenever any process changes the session. @returns stops it */
  follow(): () => void {
    return this.#vault.watch(sessionEntry(this.#id), () => {
      // A vault that cannot be read now is reported to whoever asks for a token.
      this.read().catch(() => {});
    });
  }
}

function isSameSession({ session }: SessionRecord, before: SessionRecord | undefined): boolean {
  const other = before?.session;
  if (session === undefined || other === undefined) return session === other;
  return isSameToken(session.accessToken, other.accessToken);
}
