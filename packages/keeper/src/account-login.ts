/**
 * Logs one account in: alone among everybody who shares the vault, and one attempt each (S-15).
 */
import { type AccountId, type AccountProfile, accountLabel, type Session } from "./account.ts";
import type { Accounts } from "./accounts.ts";
import { brokerFailure } from "./broker-failure.ts";
import { requireHost } from "./broker-host.ts";
import type { Broker, IssuedToken } from "./brokers/broker.ts";
import type { KeeperClock } from "./keeper-clock.ts";
import { KeeperError, LoginRequired } from "./keeper-error.ts";
import { errorCode, type KeeperLog, type KeeperLogEntry } from "./keeper-log.ts";
import type { Person } from "./login/login-way.ts";
import { isLoggingIn, withLoginLock } from "./login-lock.ts";
import { pausedUntil, UNFINISHED } from "./login-pause.ts";
import type { WaysIn } from "./login-ways.ts";
import { noteFailure } from "./session-changes.ts";
import type { LoginFailure, SessionRecord } from "./session-record.ts";
import type { StoredSession } from "./stored-session.ts";
import type { Vault } from "./vault/vault.ts";

export interface AccountLoginDeps {
  readonly vault: Vault;
  readonly accounts: Accounts;
  readonly clock: KeeperClock;
  readonly ways: WaysIn;
  readonly log: KeeperLog;
  /** Loopback port of the webhook receiver. */
  readonly webhookPort: number | undefined;
  /** Ends when the keeper is closed. */
  readonly closed: AbortSignal;
}

/** Whose login it is, and what becomes of its token. */
export interface LoginSubject {
  readonly id: AccountId;
  readonly broker: Broker;
  readonly stored: StoredSession;
  /** Proves a token and stores it. */
  readonly accept: (token: IssuedToken, signal: AbortSignal) => Promise<Session>;
}

export interface WantedLogin {
  readonly profile: AccountProfile;
  /** Who can be asked; nobody when absent. */
  readonly person: Person | undefined;
  /** Whether a session that turns up meanwhile will do. */
  readonly isEnough: (session: Session) => boolean;
  /** Otherwise it only waits in line, when there is one. */
  readonly mayLogIn: boolean;
}

export class AccountLogin {
  readonly #subject: LoginSubject;
  readonly #deps: AccountLoginDeps;

  constructor(subject: LoginSubject, deps: AccountLoginDeps) {
    this.#subject = subject;
    this.#deps = deps;
  }

  /**
   * Waits for the account's lock, so that one login serves everybody on every machine, and then looks again. Whoever
   * waits in line returns as soon as the session is there.
   * @throws LoginRequired, KeeperError, or the signal's reason
   */
  async obtain(wanted: WantedLogin, signal: AbortSignal): Promise<Session> {
    const { profile, person, isEnough, mayLogIn } = wanted;
    const { id, stored } = this.#subject;
    const { vault, closed } = this.#deps;
    if (!mayLogIn && !(await isLoggingIn(vault, id))) {
      const session = await stored.living();
      if (session !== undefined && isEnough(session)) return session;
      throw await this.#required();
    }
    const { failure: before } = await stored.read();
    const hasLock = new AbortController();
    const hasSession = new AbortController();
    const arrived = stored.arrival(isEnough, AbortSignal.any([signal, hasLock.signal]));
    const own = withLoginLock(
      vault,
      id,
      async (lost) => {
        hasLock.abort();
        const session = await stored.living();
        if (session !== undefined && isEnough(session)) return session;
        if (!mayLogIn || this.#hasFailedSince(before, await stored.read())) throw await this.#required();
        // Nobody watches a login by TOTP, so nobody is spared anything when it is broken off: it would only be sent
        // again, and what came of it would be lost.
        const until = profile.way === "totp" ? closed : signal;
        return await this.#attempt(profile, person, AbortSignal.any([until, lost]));
      },
      { signal: AbortSignal.any([signal, hasSession.signal]), waiting: () => person?.waitInLine?.() },
    );
    try {
      return await Promise.race([own, arrived.catch(() => own)]);
    } finally {
      hasSession.abort();
      own.catch(() => {});
    }
  }

  /** Until when no login without a person is sent, epoch seconds by this machine's clock. */
  pauseEnd(record: SessionRecord): number {
    return pausedUntil(record, this.#localTime());
  }

  /** Whether a login without a person has to wait. */
  isPaused(record: SessionRecord): boolean {
    return this.pauseEnd(record) > this.#localTime();
  }

  /**
   * Whether a login without a person was tried while this one waited in line, and must not be repeated now: one failure
   * is for everybody who waited, or fifty programs that start together would send a refused password fifty times.
   */
  #hasFailedSince(before: LoginFailure | undefined, now: SessionRecord): boolean {
    const isNew = now.failure !== undefined && (now.failure.at !== before?.at || now.failure.code !== before.code);
    return isNew && this.isPaused(now);
  }

  /** The login itself: one attempt, never a loop (S-15). */
  async #attempt(profile: AccountProfile, person: Person | undefined, signal: AbortSignal): Promise<Session> {
    const { id, broker, stored, accept } = this.#subject;
    const { vault, accounts, clock, ways, webhookPort } = this.#deps;
    const { way } = profile;
    const started = clock.now();
    const passed = (): number => Math.max(0, Math.round(clock.now() - started));
    try {
      if (person === undefined && way !== "totp") throw await this.#required();
      requireHost(broker, profile);
      this.#log({ event: "login-started", way });
      const logIn = await ways[way]();
      const request = {
        profile,
        broker,
        person,
        vault,
        factors: () => accounts.factors(id),
        noteAttempt: () => this.#noteFailure(UNFINISHED),
        accept: (token: IssuedToken) => accept(token, signal),
        stored: () => stored.living(),
        now: clock.now,
        webhookPort,
        signal,
      };
      await logIn(request);
      const session = await stored.living();
      if (session === undefined) throw this.#tooLate();
      this.#log({ event: "login-finished", way, durationMs: passed() });
      return session;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const failure = brokerFailure(broker, error, { doing: `the login at ${broker.title}` });
      if (!(failure instanceof LoginRequired)) {
        this.#log({ event: "login-failed", way, durationMs: passed(), code: errorCode(failure) });
        if (way === "totp") await this.#noteFailure(errorCode(failure));
      }
      throw failure;
    }
  }

  /** A login without a person failed, or is about to be sent. */
  async #noteFailure(code: string): Promise<void> {
    await noteFailure(this.#deps.vault, this.#subject.id, { at: this.#localTime(), code });
    await this.#subject.stored.read();
  }

  async #required(): Promise<LoginRequired> {
    const { id, stored } = this.#subject;
    const record = await stored.read();
    if (record.failure === undefined) return new LoginRequired(id);
    const { nextStep } = new LoginRequired(id);
    const again = this.pauseEnd(record) === Number.POSITIVE_INFINITY ? "on its own" : "within a minute";
    return new LoginRequired(id, {
      nextStep: `The last login failed (${record.failure.code}) and is not repeated ${again}. ${nextStep}`,
    });
  }

  #tooLate(): KeeperError {
    return new KeeperError("LOGIN_FAILED", `the new token of ${accountLabel(this.#subject.id)} ends within a minute`, {
      nextStep: "Log in again after it has ended.",
    });
  }

  #localTime(): number {
    return this.#deps.clock.now() / 1000;
  }

  #log(entry: Omit<KeeperLogEntry, "broker" | "account">): void {
    this.#deps.log({ ...this.#subject.id, ...entry });
  }
}
