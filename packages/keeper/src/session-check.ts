/**
 * Asks the broker whether a token that should live still does, for a program that was refused with it. One question for
 * everybody who asks at once, and then none for a while: a bot in a loop must not become the broker's burden.
 */
import { isSameToken } from "./accept-token.ts";
import type { AccountId, AccountProfile } from "./account.ts";
import type { Accounts } from "./accounts.ts";
import { brokerFailure } from "./broker-failure.ts";
import type { Broker } from "./brokers/broker.ts";
import { KeeperError, LoginRequired } from "./keeper-error.ts";
import type { Secret } from "./secret.ts";
import { untilAborted } from "./single-flight.ts";
import type { StoredSession } from "./stored-session.ts";

/** How an account's token stands after the broker was asked. */
export interface SessionCheck extends AccountId {
  /**
   * `valid`: there is a token, and the broker takes it. `ended`: there is none; one that the broker refused is not
   * handed out any more. `unknown`: there is a token, and the broker could not say; `failure` says why.
   */
  readonly state: "valid" | "ended" | "unknown";
  /** When the broker last said it, epoch seconds by its clock; undefined when there was nothing to ask about. */
  readonly askedAt: number | undefined;
  /** End of the token that there is, epoch seconds by the broker's clock. */
  readonly expiresAt: number | undefined;
  /** `LoginRequired` for `ended`; for `unknown` `WRONG_IP`, `CLOSED`, `BROKER_UNREACHABLE` or `LOGIN_FAILED`. */
  readonly failure: KeeperError | undefined;
}

/** Milliseconds after an answer in which the broker is not asked again about the same account. */
const PAUSE = 5_000;

export interface SessionCheckerDeps {
  readonly id: AccountId;
  readonly broker: Broker;
  readonly accounts: Pick<Accounts, "load">;
  readonly stored: StoredSession;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Nobody gets this token any more. */
  readonly refused: (token: Secret) => Promise<void>;
  readonly sawBrokerTime: (epochSeconds: number) => void;
  /** Ends with the keeper. */
  readonly closed: AbortSignal;
}

interface Answer {
  readonly token: Secret;
  /** Epoch milliseconds by this machine's clock. */
  readonly at: number;
  /** Epoch seconds by the broker's. */
  readonly askedAt: number;
  /** Why the broker could not say. */
  readonly failure: KeeperError | undefined;
}

export class SessionChecker {
  readonly #deps: SessionCheckerDeps;
  #last: Answer | undefined;
  #asking: Promise<void> | undefined;

  constructor(deps: SessionCheckerDeps) {
    this.#deps = deps;
  }

  /** @param signal ends this caller's wait; the question is asked to its end, so that it counts */
  async check(signal: AbortSignal | undefined): Promise<SessionCheck> {
    const { accounts, id, stored } = this.#deps;
    signal?.throwIfAborted();
    const profile = await accounts.load(id);
    const session = await stored.living();
    if (session !== undefined && (this.#asking !== undefined || !this.#isPaused())) {
      this.#asking ??= this.#startAsking(profile, session.accessToken);
      await untilAborted(this.#asking, signal);
    }
    return await this.#answer(profile);
  }

  #isPaused(): boolean {
    // A clock that was set back is no reason to wait longer.
    return this.#last !== undefined && Math.abs(this.#deps.now() - this.#last.at) < PAUSE;
  }

  #startAsking(profile: AccountProfile, token: Secret): Promise<void> {
    const asking = this.#ask(profile, token).finally(() => {
      this.#asking = undefined;
    });
    // Everybody may have given up by the time it fails.
    asking.catch(() => {});
    return asking;
  }

  async #ask(profile: AccountProfile, token: Secret): Promise<void> {
    const { now, stored } = this.#deps;
    const failure = await this.#question(profile, token);
    this.#last = { token, at: now(), askedAt: Math.floor(stored.brokerTime()), failure };
  }

  /** @returns why the broker could not say whether it takes the token */
  async #question(profile: AccountProfile, token: Secret): Promise<KeeperError | undefined> {
    const { broker, closed, refused, sawBrokerTime } = this.#deps;
    try {
      const { serverTime } = await broker.identify(profile, token, closed);
      if (serverTime !== undefined) sawBrokerTime(serverTime);
      return undefined;
    } catch (error) {
      closed.throwIfAborted();
      if (broker.judge(error) === "dead") {
        await refused(token);
        return undefined;
      }
      const why = brokerFailure(broker, error, {
        doing: `asking ${broker.title} about the token`,
        afterwards: "ask again",
      });
      if (why instanceof KeeperError) return why;
      throw why;
    }
  }

  /** As it is now: somebody may have logged in meanwhile, and that token was proven by its login. */
  async #answer(profile: AccountProfile): Promise<SessionCheck> {
    const { id, stored } = this.#deps;
    const record = await stored.read();
    const session = stored.livingIn(record);
    const last = record.session && this.#lastOf(record.session.accessToken);
    const facts = { broker: id.broker, account: id.account, askedAt: last?.askedAt ?? session?.provenAt };
    if (session === undefined) {
      return { ...facts, state: "ended", expiresAt: undefined, failure: loginRequired(profile) };
    }
    const state = last?.failure === undefined ? "valid" : "unknown";
    return { ...facts, state, expiresAt: session.expiresAt, failure: last?.failure };
  }

  /** What the broker last said of this token, and not of an earlier one. */
  #lastOf(token: Secret): Answer | undefined {
    return this.#last !== undefined && isSameToken(this.#last.token, token) ? this.#last : undefined;
  }
}

function loginRequired({ broker, account, way }: AccountProfile): LoginRequired {
  const options = way === "totp" ? { nextStep: "Ask for the token: this account logs in by itself." } : {};
  return new LoginRequired({ broker, account }, options);
}
