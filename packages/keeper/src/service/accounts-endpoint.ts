import type { FastifyInstance } from "fastify";
import type { AccountStatus } from "../account-status.ts";
import type { LoginFailure, OngoingLogin } from "./login-desk.ts";
import type { ServiceContext } from "./service-context.ts";
import { istIso } from "./token-endpoint.ts";

/** An account in `GET /v1/accounts`. Holds no token; what is not known is left out. */
export interface AccountAnswer extends Partial<AccountStatus> {
  readonly broker: string;
  readonly account: string;
  readonly title: string;
  readonly state: AccountStatus["state"];
  readonly expiresAtIst?: string;
  /** What the person has to do for the login under way. */
  readonly login?: LoginAnswer;
  /** Why the last login did not work. */
  readonly failure?: FailureAnswer;
}

/** Why something did not work, as errors of the service are written. */
export interface FailureAnswer {
  readonly code: string;
  readonly message: string;
  readonly nextStep?: string;
}

/** A login under way, as a program can show it. */
export interface LoginAnswer {
  /** `starting`: not known yet. `browser`: open `url`. `approval`: approve it at the broker. `done`: it worked. */
  readonly state: "starting" | "browser" | "approval" | "done";
  /** The broker's login page. */
  readonly url?: string;
  /** Epoch seconds. */
  readonly endsAt?: number;
  readonly matchNumber?: string;
  /** Why an approved token may not arrive here. */
  readonly warning?: string;
}

export function registerAccountsEndpoint(app: FastifyInstance, context: ServiceContext): void {
  const { keeper, desk } = context;
  app.get("/v1/accounts", async () => {
    const accounts = await keeper.status();
    return {
      accounts: accounts.map((status) => accountAnswer(status, desk.ongoing(status), desk.lastFailure(status))),
    };
  });
}

function accountAnswer(
  status: AccountStatus,
  ongoing: OngoingLogin | undefined,
  failure: LoginFailure | undefined,
): AccountAnswer {
  return {
    ...status,
    ...(status.expiresAt !== undefined && { expiresAtIst: istIso(status.expiresAt) }),
    ...(ongoing && { login: loginAnswer(ongoing) }),
    ...(failure && { failure: failureAnswer(failure) }),
  };
}

/** @param ongoing before it ended */
export function loginAnswer(ongoing: OngoingLogin): LoginAnswer {
  const step = ongoing.step();
  if (step.kind === "starting") return { state: "starting" };
  const endsAt = Math.floor(step.endsAt / 1000);
  if (step.kind === "browser") return { state: "browser", url: step.url, endsAt };
  return {
    state: "approval",
    endsAt,
    ...(step.matchNumber === undefined ? {} : { matchNumber: step.matchNumber }),
    ...(step.warning === undefined ? {} : { warning: step.warning }),
  };
}

export function failureAnswer({ code, message, nextStep }: Pick<LoginFailure, keyof FailureAnswer>): FailureAnswer {
  return { code, message, ...(nextStep === undefined ? {} : { nextStep }) };
}
