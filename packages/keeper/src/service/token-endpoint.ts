import { istDateTime } from "@kunji/contract";
import type { FastifyInstance } from "fastify";
import type { AccountId, Session } from "../account.ts";
import { firstEnd } from "../first-end.ts";
import { LoginRequired } from "../keeper-error.ts";
import { accountInPath } from "./account-in-path.ts";
import { startLongRequest } from "./long-request.ts";
import type { ServiceContext } from "./service-context.ts";
import { keeperStops, ServiceFault } from "./service-fault.ts";

/** What `GET /v1/tokens/{broker}/{account}` answers. */
export interface TokenAnswer {
  readonly broker: string;
  readonly account: string;
  readonly accessToken: string;
  readonly userId: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
  /** The same as ISO 8601 with India's offset. */
  readonly expiresAtIst: string;
}

/** Longest `?wait=`, seconds. */
export const LONGEST_WAIT = 3_600;

/** `GET /v1/tokens/{broker}/{account}?wait=SECONDS`: the token of an account, when there is one or as soon as. */
export function registerTokenEndpoint(app: FastifyInstance, { keeper, clock, stopping }: ServiceContext): void {
  app.get("/v1/tokens/:broker/:account", async (request): Promise<TokenAnswer> => {
    const id = accountInPath(request);
    const wait = readWait(request.query);
    const gone = startLongRequest(request);
    const late = new AbortController();
    const cancel = clock.after(wait === 0 ? LOOK_MS : wait * 1000, async () => {
      if (wait > 0 || !(await needsNobody(keeper, id))) late.abort(new LoginRequired(id, SOMEBODY_LOGS_IN));
    });
    const { signal, release } = firstEnd(stopping, gone, late.signal);
    try {
      return answer(await keeper.session(id.broker, { account: id.account, wait: wait > 0, signal }));
    } catch (error) {
      if (stopping.aborted) throw keeperStops();
      throw error;
    } finally {
      release();
      cancel();
    }
  });
}

/**
 * The keeper waits for whoever is logging in; a caller who does not want to wait gets this much patience, which a look
 * into the vault does not need and a person's login does not keep to.
 */
const LOOK_MS = 2_000;

const SOMEBODY_LOGS_IN = { nextStep: "If somebody is logging in right now, ask again with ?wait=SECONDS." };

/** Whether the account logs in by itself: then the answer takes as long as the broker takes. */
async function needsNobody(keeper: ServiceContext["keeper"], id: AccountId): Promise<boolean> {
  return (await keeper.accounts.find(id).catch(() => undefined))?.way === "totp";
}

function answer({ broker, account, accessToken, userId, expiresAt }: Session): TokenAnswer {
  return {
    broker,
    account,
    accessToken: accessToken.reveal(),
    userId,
    expiresAt,
    expiresAtIst: istIso(expiresAt),
  };
}

/** `2026-11-26T03:30:00+05:30`. @param epochSeconds UTC */
export function istIso(epochSeconds: number): string {
  return `${istDateTime(epochSeconds).replace(" ", "T")}+05:30`;
}

function readWait(query: unknown): number {
  const { wait, ...others } = query as Readonly<Record<string, unknown>>;
  const isNumber = typeof wait === "string" && /^\d{1,4}$/.test(wait) && Number(wait) <= LONGEST_WAIT;
  if (Object.keys(others).length > 0 || !(wait === undefined || isNumber)) {
    throw new ServiceFault("BAD_REQUEST", `the query is empty or wait=SECONDS, 0 to ${LONGEST_WAIT}`);
  }
  return Number(wait ?? 0);
}
