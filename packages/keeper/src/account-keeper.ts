/**
 * Keeps one account's token: out of memory, else out of the vault, else by whoever is logging in, else by logging in.
 */

import { acceptToken, isSameToken, readStored } from "./accept-token.ts";
import { type AccountId, type AccountProfile, accountLabel, type Session } from "./account.ts";
import { type AccountStatus, describeAccount } from "./account-status.ts";
import type { Accounts } from "./accounts.ts";
import { brokerFailure } from "./broker-failure.ts";
import { requireHost } from "./broker-host.ts";
import type { Broker, IssuedToken } from "./brokers/broker.ts";
import { alarm } from "./keeper-clock.ts";
import { KeeperError, LoginRequired } from "./keeper-error.ts";
import { errorCode, type KeeperLog, type KeeperLogEntry } from "./keeper-log.ts";
import type { Person } from "./login/login-way.ts";
import { isLoggingIn, withLoginLock } from "./login-lock.ts";
import { pausedUntil, UNFINISHED } from "./login-pause.ts";
import type { WaysIn } from "./login-ways.ts";
import type { Secret } from "./secret.ts";
import { forgetSession, holdsToken, markDead, noteFailure } from "./session-changes.ts";
import { SessionNews, type SessionNewsDeps } from "./session-news.ts";
import type { SessionRecord } from "./session-record.ts";
import { SingleFlight } from "./single-flight.ts";
import { StoredSession } from "./stored-session.ts";
import type { Vault } from "./vault/vault.ts";

/** What an account keeper is made of; all accounts of a keeper share it. */
export interface AccountKeeperDeps extends SessionNewsDeps {
  readonly vault: Vault;
  readonly accounts: Accounts;
  readonly ways: WaysIn;
  readonly log: KeeperLog;
  /** Loopback port of the webhook receiver. */
  readonly webhookPort: number | undefined;
  /** Ends when the keeper is closed. */
  readonly closed: AbortSignal;
}

export interface SessionDemand {
  /** Who can be asked for a login; nobody when absent. */
  readonly person: Person | undefined;
  /** Wait for somebody else's login when nobody can be asked here. */
  readonly wait: boolean;
  readonly signal: AbortSignal | undefined;
}

export class AccountKeeper {
  readonly id: AccountId;
  readonly broker: Broker;
  readonly stored: StoredSession;
  readonly #deps: AccountKeeperDeps;
  readonly #news: SessionNews;
  /** Logins that can log in themselves, and those that can only wait in line. */
  readonly #asking = new SingleFlight<Session>();
  readonly #inLine = new SingleFlight<Session>();
  #stopFollowing: (() => void) | undefined;

  constructor(id: AccountId, broker: Broker, deps: AccountKeeperDeps) {
    this.id = { broker: id.broker, account: id.account };
    this.broker = broker;
    this.#deps = deps;
    this.stored = new StoredSession(deps.vault, this.id, deps.clock, (record) =>
      this.#news.noticed(this.stored.livingIn(record)),
    );
    this.#news = new SessionNews(this.id, this.stored, deps);
  }

  /** A session that can be used. @throws LoginRequired, KeeperError, or the signal's reason */
  async session(demand: SessionDemand): Promise<Session> {
    demand.signal?.throwIfAborted();
    const living = await this.stored.living();
    if (living !== undefined) {
      this.#news.usable(living);
      return living;
    }
    this.#news.check();
    return await this.#obtain(demand);
  }

  /** A new session, whatever the vault holds; one that somebody else obtained meanwhile is as good. */
  async login(person: Person | undefined, signal: AbortSignal | undefined): Promise<Session> {
    const profile = await this.#deps.accounts.load(this.id);
    const { session: before } = await this.stored.read();
    const isNew = (session: Session): boolean =>
      before === undefined || !isSameToken(session.accessToken, before.accessToken);
    return await this.#asking.join((stop) => this.#logInOnce(profile, person, isNew, stop), this.#orClosed(signal));
  }

  async #obtain(demand: SessionDemand): Promise<Session> {
    const { person, wait, signal } = demand;
    const profile = await this.#deps.accounts.load(this.id);
    const isPaused = this.#pauseEnd(await this.stored.read()) > this.#localTime();
    const canAsk = (person !== undefined || profile.way === "totp") && !isPaused;
    const flight = canAsk || this.#asking.isUnderWay ? this.#asking : this.#inLine;
    const until = this.#orClosed(signal);
    try {
      const asked = canAsk ? person : undefined;
      return await flight.join((stop) => this.#logInOnce(profile, asked, () => true, stop, canAsk), until);
    } catch (error) {
      if (!(error instanceof LoginRequired)) throw error;
      const record = await this.stored.read();
      if (this.#news.required(record.session?.expiresAt)) this.#log({ event: "login-required", way: profile.way });
      if (!wait) throw error;
      return await this.#waitForLogin(demand, record, until);
    }
  }

  /** Waits for somebody's login; after the pause of a login without a person, that one is tried again. */
  async #waitForLogin(demand: SessionDemand, record: SessionRecord, until: AbortSignal): Promise<Session> {
    const pauseEnd = this.#pauseEnd(record);
    if (!Number.isFinite(pauseEnd)) return await this.stored.arrival(() => true, until);
    const pause = new AbortController();
    const cancel = alarm(
      this.#deps.clock,
      () => pauseEnd * 1000,
      () => pause.abort(),
    );
    try {
      return await this.stored.arrival(() => true, AbortSignal.any([until, pause.signal]));
    } catch (error) {
      if (until.aborted || !pause.signal.aborted) throw error;
      return await this.session(demand);
    } finally {
      cancel();
    }
  }

  /**
   * Waits for the account's lock, so that one login serves everybody on every machine, and then looks again. Whoever
   * waits in line returns as soon as the session is there.
   */
  async #logInOnce(
    profile: AccountProfile,
    person: Person | undefined,
    isEnough: (session: Session) => boolean,
    signal: AbortSignal,
    mayLogIn = true,
  ): Promise<Session> {
    if (!mayLogIn && !(await isLoggingIn(this.#deps.vault, this.id))) {
      const session = await this.stored.living();
      if (session !== undefined && isEnough(session)) return session;
      throw await this.#loginRequired();
    }
    const hasLock = new AbortController();
    const hasSession = new AbortController();
    const arrived = this.stored.arrival(isEnough, AbortSignal.any([signal, hasLock.signal]));
    const own = withLoginLock(
      this.#deps.vault,
      this.id,
      async (lost) => {
        hasLock.abort();
        const session = await this.stored.living();
        if (session !== undefined && isEnough(session)) return session;
        if (!mayLogIn) throw await this.#loginRequired();
        // Nobody watches a login by TOTP, so nobody is spared anything when it is broken off: it would only be sent
        // again, and what came of it would be lost.
        const until = profile.way === "totp" ? this.#deps.closed : signal;
        return await this.#logIn(profile, person, AbortSignal.any([until, lost]));
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

  /** The login itself: one attempt, never a loop (S-15). */
  async #logIn(profile: AccountProfile, person: Person | undefined, signal: AbortSignal): Promise<Session> {
    const { vault, accounts, clock, ways, webhookPort } = this.#deps;
    const { way } = profile;
    const started = clock.now();
    const passed = (): number => Math.max(0, Math.round(clock.now() - started));
    try {
      if (person === undefined && way !== "totp") throw await this.#loginRequired();
      requireHost(this.broker, profile);
      this.#log({ event: "login-started", way });
      const logIn = await ways[way]();
      const request = {
        profile,
        broker: this.broker,
        person,
        vault,
        factors: () => accounts.factors(this.id),
        noteAttempt: () => this.#noteFailure(UNFINISHED),
        accept: (token: IssuedToken) => this.accept(token, signal),
        stored: () => this.stored.living(),
        now: clock.now,
        webhookPort,
        signal,
      };
      await logIn(request);
      const session = await this.stored.living();
      if (session === undefined) throw this.#tooLate();
      this.#log({ event: "login-finished", way, durationMs: passed() });
      return session;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const failure = brokerFailure(this.broker, error, { doing: `the login at ${this.broker.title}` });
      if (!(failure instanceof LoginRequired)) {
        this.#log({ event: "login-failed", way, durationMs: passed(), code: errorCode(failure) });
        if (way === "totp") await this.#noteFailure(errorCode(failure));
      }
      throw failure;
    }
  }

  /** Proves a token that came for this account, and stores it. */
  async accept(token: IssuedToken, signal: AbortSignal): Promise<Session> {
    const { accounts, clock, vault } = this.#deps;
    const { way } = await accounts.load(this.id);
    const deps = { vault, accounts, broker: this.broker, now: clock.now };
    const session = await acceptToken(deps, this.id, token, { obtainedBy: way, signal });
    await this.stored.read();
    return session;
  }

  /** The broker refused this token although it should live: everybody who shares the vault learns of it. */
  async refused(token: Secret): Promise<void> {
    if (!holdsToken(await this.stored.read(), token)) return;
    this.#log({ event: "token-refused" });
    await markDead(this.#deps.vault, this.id, token);
    await this.stored.read();
  }

  /** An answer showed the broker's clock (S-74). */
  sawBrokerTime(epochSeconds: number): void {
    const clockOffset = this.stored.sawBrokerTime(epochSeconds);
    if (clockOffset === undefined) return;
    this.#log({ event: "clock-corrected", clockOffset });
    this.#news.check();
  }

  /** Ends the session at the broker and forgets it. @returns whether there was one */
  async logout(signal: AbortSignal | undefined): Promise<boolean> {
    const { accounts, vault } = this.#deps;
    const profile = await accounts.load(this.id);
    const record = await readStored(vault, this.id);
    const { session } = record;
    if (session === undefined) return false;
    if (this.stored.livingIn(record) !== undefined) await this.#endAtBroker(profile, session, this.#orClosed(signal));
    await forgetSession(vault, this.id, session);
    this.#log({ event: "logged-out" });
    await this.stored.read();
    return true;
  }

  async status(): Promise<AccountStatus> {
    const profile = await this.#deps.accounts.load(this.id);
    const record = await this.stored.read();
    const living = this.stored.livingIn(record);
    const isLiving = living !== undefined;
    if (isLiving) this.#news.usable(living);
    return describeAccount({
      profile,
      title: this.broker.title,
      record,
      isLiving,
      isLoggingIn: this.#asking.isUnderWay || (!isLiving && (await isLoggingIn(this.#deps.vault, this.id))),
      brokerTime: this.stored.brokerTime(),
      expiringMinutes: this.#deps.expiringMinutes,
    });
  }

  /** Looks at every change of the session from now on, so that events come without anybody asking for a token. */
  follow(): void {
    this.#stopFollowing ??= this.stored.follow();
  }

  close(): void {
    this.#news.close();
    this.#stopFollowing?.();
  }

  async #endAtBroker(profile: AccountProfile, session: Session, signal: AbortSignal): Promise<void> {
    try {
      await this.broker.logout(profile, session.accessToken, signal);
    } catch (error) {
      signal.throwIfAborted();
      // Dead already: what was wanted.
      if (this.broker.judge(error) === "dead") return;
      const spent = "The token was kept, so that it can be ended later.";
      throw brokerFailure(this.broker, error, { doing: `the logout at ${this.broker.title}`, spent });
    }
  }

  #localTime(): number {
    return this.#deps.clock.now() / 1000;
  }

  /** A login without a person failed, or is about to be sent. */
  async #noteFailure(code: string): Promise<void> {
    await noteFailure(this.#deps.vault, this.id, { at: this.#localTime(), code });
    await this.stored.read();
  }

  /** Until when no login without a person is sent. */
  #pauseEnd(record: SessionRecord): number {
    return pausedUntil(record, this.#localTime());
  }

  async #loginRequired(): Promise<LoginRequired> {
    const record = await this.stored.read();
    if (record.failure === undefined) return new LoginRequired(this.id);
    const { nextStep } = new LoginRequired(this.id);
    const again = this.#pauseEnd(record) === Number.POSITIVE_INFINITY ? "on its own" : "within a minute";
    return new LoginRequired(this.id, {
      nextStep: `The last login failed (${record.failure.code}) and is not repeated ${again}. ${nextStep}`,
    });
  }

  #tooLate(): KeeperError {
    return new KeeperError("LOGIN_FAILED", `the new token of ${accountLabel(this.id)} ends within a minute`, {
      nextStep: "Log in again after it has ended.",
    });
  }

  /** The caller's signal, and the keeper's end. */
  #orClosed(signal: AbortSignal | undefined): AbortSignal {
    const { closed } = this.#deps;
    return signal === undefined ? closed : AbortSignal.any([signal, closed]);
  }

  #log(entry: Omit<KeeperLogEntry, "broker" | "account">): void {
    this.#deps.log({ ...this.id, ...entry });
  }
}
