import { isUpstoxFundsOpen, nextUpstoxFundsOpening, upstoxRoutes } from "@kunji/contract/upstox";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import type { FormFields } from "../http/form-fields.ts";
import { loadFunds } from "../store/accounts.ts";
import { type BearerCheck, createBearerCheck } from "./bearer.ts";
import { UpstoxError, upstoxError } from "./error-body.ts";
import { type FundsSegment, fundsV2, fundsV3, readLedger, type UpstoxLedger } from "./funds-data.ts";

/** `GET /v2` and `/v3/user/get-funds-and-margin`. Both close from 00:00 to 05:30 IST, every day. */
export function registerFunds(app: FastifyInstance, context: BrokerContext): void {
  const requireBearer = createBearerCheck(context, { accepts: ["access"] });
  app.get(upstoxRoutes.getUserFundMargin.path, async (request, reply) => {
    const ledger = await loadLedger(context, requireBearer, request);
    const data = fundsV2(ledger, readSegment(request.query as FormFields));
    return reply.headers(context.jsonHeaders).send({ status: "success", data });
  });

  const requireBearerV3 = createBearerCheck(context, { accepts: ["access"] });
  app.get(upstoxRoutes.getUserFundMarginV3.path, async (request, reply) => {
    const ledger = await loadLedger(context, requireBearerV3, request);
    return reply.headers(context.jsonHeaders).send({ status: "success", data: fundsV3(ledger) });
  });
}

/** The token is checked before the clock: a dead token is told so at night too. */
async function loadLedger(
  context: BrokerContext,
  requireBearer: BearerCheck,
  request: FastifyRequest,
): Promise<UpstoxLedger> {
  const token = await requireBearer(request);
  const now = context.clock.now() / 1000;
  if (!isUpstoxFundsOpen(now)) {
    throw new UpstoxError([{ code: "UDAPI100072" }], {
      retryAfterSeconds: Math.ceil(nextUpstoxFundsOpening(now) - now),
    });
  }
  return readLedger(await context.db.read(() => loadFunds(token.account_id)));
}

function readSegment(query: FormFields): FundsSegment | undefined {
  const { segment } = query;
  if (segment === undefined || segment === "SEC" || segment === "COM") return segment;
  throw upstoxError("UDAPI1019", "segment");
}
