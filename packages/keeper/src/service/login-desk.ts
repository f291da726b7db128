/**
 * The logins this service has under way, one per account, whoever started them: a button, a request, the schedule.
 */
import { type AccountId, accountLabel } from "../account.ts";
import { KeeperError } from "../keeper-error.ts";
import type { Person } from "../login/login-way.ts";
import type { LoginHistory, StartedBy } from "./login-history.ts";
import type { ServiceClock } from "./service-clock.ts";
import { keeperStops } from "./service-fault.ts";
import { errorFields, type ServiceLog } from "./service-log.ts";

/** What the person has to do now. Times are epoch milliseconds. */
export type LoginStep =
  | { readonly kind: "starting" }
  | { readonly kind: "browser"; readonly url: string; readonly endsAt: number }
  | {
      readonly kind: "approval";
      readonly matchNumber: string | undefined;
      /** Why the token may not arrive here. */
      readonly warning: string | undefined;
      readonly endsAt: number;
    };

export interface OngoingLogin {
  readonly id: AccountId;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly startedBy: StartedBy;
  readonly step: () => LoginStep;
  /** Resolves when the person has something to do, or the login ended; never rejects. */
  readonly asked: Promise<void>;
  /** Never rejects: undefined when it worked. */
  readonly ended: Promise<LoginFailure | undefined>;
}

export interface LoginFailure extends AccountId {
  readonly code: KeeperError["code"];
  readonly message: string;
  readonly nextStep: string | undefined;
  readonly startedBy: StartedBy;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface LoginDeskOptions {
  /** Logs in by the account's way. */
  readonly logIn: (id: AccountId, person: Person, signal: AbortSignal) => Promise<unknown>;
  readonly history: LoginHistory;
  readonly clock: ServiceClock;
  readonly log: ServiceLog;
  /** Ends what is under way. */
  readonly stopping: AbortSignal;
}

export class LoginDesk {
  readonly #options: LoginDeskOptions;
  readonly #ongoing = new Map<string, OngoingLogin>();
  readonly #failures = new Map<string, LoginFailure>();
  readonly #listeners = new Set<(id: AccountId, failure?: LoginFailure) => void>();

  constructor(options: LoginDeskOptions) {
    this.#options = options;
  }

  ongoing(id: AccountId): OngoingLogin | undefined {
    return this.#ongoing.get(accountLabel(id));
  }

  /** Why the last login of this account did not work; gone when one did. */
  lastFailure(id: AccountId): LoginFailure | undefined {
    return this.#failures.get(accountLabel(id));
  }

  /** @param listener hears of every step, and of a failure when there is one. @returns stops it */
  listen(listener: (id: AccountId, failure?: LoginFailure) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Starts a login, or joins the one under way.
   * @param options.giveUp ends it for a reason of the caller's
   * @throws ServiceFault `STOPPING`
   */
  start(id: AccountId, options: { readonly by: StartedBy; readonly giveUp?: AbortSignal }): OngoingLogin {
    const found = this.ongoing(id);
    if (found) return found;
    const { clock, stopping } = this.#options;
    if (stopping.aborted) throw keeperStops();
    const { promise: asked, resolve: wasAsked } = latch();
    let step: LoginStep = { kind: "starting" };
    const takeStep = (next: LoginStep) => {
      step = next;
      wasAsked();
      this.#tell(id);
    };
    const person: Person = {
      openLogin: ({ url, endsAt }) => takeStep({ kind: "browser", url, endsAt }),
      awaitApproval: ({ matchNumber, warning, endsAt }) => takeStep({ kind: "approval", matchNumber, warning, endsAt }),
    };
    const signal = options.giveUp ? AbortSignal.any([stopping, options.giveUp]) : stopping;
    const login: OngoingLogin = {
      id,
      startedAt: clock.now(),
      startedBy: options.by,
      step: () => step,
      asked,
      ended: this.#run(id, options.by, person, signal).finally(wasAsked),
    };
    this.#ongoing.set(accountLabel(id), login);
    this.#tell(id);
    return login;
  }

  /** Waits until nothing is under way. */
  async settled(): Promise<void> {
    await Promise.all([...this.#ongoing.values()].map(({ ended }) => ended));
  }

  async #run(id: AccountId, by: StartedBy, person: Person, signal: AbortSignal): Promise<LoginFailure | undefined> {
    const { logIn, history, clock, log } = this.#options;
    const account = accountLabel(id);
    const end = await history.begin(id, Math.floor(clock.now() / 1000), by);
    log.info("login started", { account, startedBy: by });
    try {
      await logIn(id, person, signal);
      end("done");
      log.info("login done", { account, startedBy: by });
      return this.#settle(id, undefined);
    } catch (error) {
      if (this.#options.stopping.aborted) {
        end("stopped");
        return this.#settle(id, undefined);
      }
      const failure = describe(id, by, error, clock.now());
      end(failure.code);
      log.warn("login failed", { account, startedBy: by, ...errorFields(error) });
      return this.#settle(id, failure);
    }
  }

  #settle(id: AccountId, failure: LoginFailure | undefined): LoginFailure | undefined {
    this.#ongoing.delete(accountLabel(id));
    if (failure) this.#failures.set(accountLabel(id), failure);
    else this.#failures.delete(accountLabel(id));
    this.#tell(id, failure);
    return failure;
  }

  #tell(id: AccountId, failure?: LoginFailure): void {
    for (const listener of this.#listeners) listener(id, failure);
  }
}

/** Errors that are not the keeper's may quote requests, so they stay in the house. */
function describe({ broker, account }: AccountId, startedBy: StartedBy, error: unknown, at: number): LoginFailure {
  const known = error instanceof KeeperError ? error : undefined;
  return {
    broker,
    account,
    startedBy,
    at,
    code: known?.code ?? "LOGIN_FAILED",
    message: known?.message ?? "the login failed",
    nextStep: known ? known.nextStep : "See the keeper's log.",
  };
}

function latch(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
