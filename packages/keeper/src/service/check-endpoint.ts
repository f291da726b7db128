import type { FastifyInstance } from "fastify";
import { firstEnd } from "../first-end.ts";
import type { SessionCheck } from "../session-check.ts";
import { accountInPath } from "./account-in-path.ts";
import { type FailureAnswer, failureAnswer } from "./accounts-endpoint.ts";
import { startLongRequest } from "./long-request.ts";
import type { ServiceContext } from "./service-context.ts";
import { keeperStops } from "./service-fault.ts";
import { istIso } from "./token-endpoint.ts";

/** What `POST /v1/accounts/{broker}/{account}/check` answers. Holds no token; what is not known is left out. */
export interface CheckAnswer {
  readonly broker: string;
  readonly account: string;
  /**
   * `valid`: the broker takes the token. `ended`: there is none any more. `unknown`: the broker could not be asked,
   * `failure` says why.
   */
  readonly state: SessionCheck["state"];
  /** When the broker last said it, epoch seconds. */
  readonly askedAt?: number;
  /** End of the token that there is, epoch seconds. */
  readonly expiresAt?: number;
  /** The same as ISO 8601 with India's offset. */
  readonly expiresAtIst?: string;
  readonly failure?: FailureAnswer;
}

/**
 * `POST /v1/accounts/{broker}/{account}/check` asks the broker whether it still takes the token: for a program that was
 * answered with 401. Not being able to ask is an answer too.
 */
export function registerCheckEndpoint(app: FastifyInstance, { keeper, stopping }: ServiceContext): void {
  app.post("/v1/accounts/:broker/:account/check", async (request): Promise<CheckAnswer> => {
    const { broker, account } = accountInPath(request);
    // The broker may take longer to answer than a silent socket may last.
    const gone = startLongRequest(request);
    const { signal, release } = firstEnd(stopping, gone);
    try {
      return answer(await keeper.check(broker, { account, signal }));
    } catch (error) {
      if (stopping.aborted) throw keeperStops();
      throw error;
    } finally {
      release();
    }
  });
}

function answer({ broker, account, state, askedAt, expiresAt, failure }: SessionCheck): CheckAnswer {
  return {
    broker,
    account,
    state,
    ...(askedAt !== undefined && { askedAt }),
    ...(expiresAt !== undefined && { expiresAt, expiresAtIst: istIso(expiresAt) }),
    ...(failure && { failure: failureAnswer(failure) }),
  };
}
