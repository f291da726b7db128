/**
 * Keeps one account's token: out of memory, else out of the vault, else by whoever is logging in, else by logging in.
 */

import { acceptToken, isSameToken, readStored } from "./accept-token.ts";
import type { AccountId, AccountProfile, Session } from "./account.ts";
import { AccountLogin, type AccountLoginDeps } from "./account-login.ts";
import { type AccountStatus, describeAccount } from "./account-status.ts";
import { brokerFailure } from "./broker-failure.ts";
import type { Broker, IssuedToken } from "./brokers/broker.ts";
import { withFirstEnd } from "./first-end.ts";
import { alarm } from "./keeper-clock.ts";
import { LoginRequired } from "./keeper-error.ts";
import type { KeeperLogEntry } from "./keeper-log.ts";
import type { Person } from "./login/login-way.ts";
import { isLoggingIn } from "./login-lock.ts";
import type { Secret } from "./secret.ts";
import { forgetSession, holdsToken, markDead } from "./session-changes.ts";
import { type SessionCheck, SessionChecker } from "./session-check.ts";
import { SessionNews, type SessionNewsDeps } from "./session-news.ts";
import type { SessionRecord } from "./session-record.ts";
import { SingleFlight } from "./single-flight.ts";
import { StoredSession } from "./stored-session.ts";

/** What an account keeper is made of; all accounts of a keeper share it. */
export interface AccountKeeperDeps extends AccountLoginDeps, SessionNewsDeps {}

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
  readonly #login: AccountLogin;
  readonly #checker: SessionChecker;
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
    const accept = (token: IssuedToken, signal: AbortSignal) => this.accept(token, signal);
    this.#login = new AccountLogin({ id: this.id, broker, stored: this.stored, accept }, deps);
    this.#checker = new SessionChecker({
      id: this.id,
      broker,
      stored: this.stored,
      accounts: deps.accounts,
      closed: deps.closed,
      now: deps.clock.now,
      refused: (token) => this.refused(token),
      sawBrokerTime: (seconds) => this.sawBrokerTime(seconds),
    });
  }

  /** A session that can be used. @throws LoginRequired, KeeperError, or the signal's reason */
  async session(demand: SessionDemand): Promise<Session> {
    demand.signal?.throwIfAborted();
    for (;;) {
      const living = await this.stored.living();
      if (living !== undefined) {
        this.#news.usable(living);
        return living;
      }
      this.#news.check();
      const obtained = await this.#untilClosed(demand.signal, (until) => this.#obtain(demand, until));
      if (obtained !== undefined) return obtained;
    }
  }

  /** A new session, whatever the vault holds; one that somebody else obtained meanwhile is as good. */
  async login(person: Person | undefined, signal: AbortSignal | undefined): Promise<Session> {
    const profile = await this.#deps.accounts.load(this.id);
    const { session: before } = await this.stored.read();
    const isEnough = (session: Session): boolean =>
      before === undefined || !isSameToken(session.accessToken, before.accessToken);
    const wanted = { profile, person, isEnough, mayLogIn: true };
    return await this.#untilClosed(signal, (until) =>
      this.#asking.join((stop) => this.#login.obtain(wanted, stop), until),
    );
  }

  /** @returns undefined when it is time to try again */
  async #obtain({ person, wait }: SessionDemand, until: AbortSignal): Promise<Session | undefined> {
    const profile = await this.#deps.accounts.load(this.id);
    const isPaused = this.#login.isPaused(await this.stored.read());
    const mayLogIn = (person !== undefined || profile.way === "totp") && !isPaused;
    const flight = mayLogIn || this.#asking.isUnderWay ? this.#asking : this.#inLine;
    const wanted = { profile, person: mayLogIn ? person : undefined, isEnough: () => true, mayLogIn };
    try {
      return await flight.join((stop) => this.#login.obtain(wanted, stop), until);
    } catch (error) {
      if (!(error instanceof LoginRequired)) throw error;
      const record = await this.stored.read();
      if (this.#news.required(record.session?.expiresAt)) this.#log({ event: "login-required", way: profile.way });
      if (!wait) throw error;
      return await this.#waitForLogin(record, until);
    }
  }

  /** Waits for somebody's login. @returns undefined after the pause of a login without a person: that one may try again */
  async #waitForLogin(record: SessionRecord, until: AbortSignal): Promise<Session | undefined> {
    const pauseEnd = this.#login.pauseEnd(record);
    if (!Number.isFinite(pauseEnd)) return await this.stored.arrival(() => true, until);
    const pause = new AbortController();
    const cancel = alarm(
      this.#deps.clock,
      () => pauseEnd * 1000,
      () => pause.abort(),
    );
    try {
      return await withFirstEnd([until, pause.signal], (end) => this.stored.arrival(() => true, end));
    } catch (error) {
      if (until.aborted || !pause.signal.aborted) throw error;
      return undefined;
    } finally {
      cancel();
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

  /** Whether the broker still takes the token; it is asked at most once in a few seconds. */
  async check(signal: AbortSignal | undefined): Promise<SessionCheck> {
    return await this.#checker.check(signal);
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
    if (this.stored.livingIn(record) !== undefined) {
      await this.#untilClosed(signal, (until) => this.#endAtBroker(profile, session, until));
    }
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

  /** Runs work with a signal that is the caller's and the keeper's end. */
  async #untilClosed<T>(signal: AbortSignal | undefined, work: (until: AbortSignal) => Promise<T>): Promise<T> {
    const { closed } = this.#deps;
    return await withFirstEnd(signal === undefined ? [closed] : [signal, closed], work);
  }

  #log(entry: Omit<KeeperLogEntry, "broker" | "account">): void {
    this.#deps.log({ ...this.id, ...entry });
  }
}
