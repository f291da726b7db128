import type { FastifyInstance } from "fastify";
import { KeeperError } from "../keeper-error.ts";
import { findAccount } from "./account-in-path.ts";
import { type LoginAnswer, loginAnswer } from "./accounts-endpoint.ts";
import { startLongRequest } from "./long-request.ts";
import type { ServiceContext } from "./service-context.ts";

/** How long a caller waits to hear what the person has to do. */
const ASKED_WITHIN_MS = 10_000;

/**
 * `POST /v1/accounts/{broker}/{account}/login` starts a login or joins the one under way: 202 with what the person has
 * to do, 200 when it is done already. `/logout` ends the session at the broker.
 */
export function registerLoginEndpoint(app: FastifyInstance, context: ServiceContext): void {
  app.post("/v1/accounts/:broker/:account/login", async (request, reply): Promise<LoginAnswer> => {
    const answer = await startLogin(context, await findAccount(context.keeper, request));
    reply.status(answer.state === "done" ? 200 : 202);
    return answer;
  });

  app.post("/v1/accounts/:broker/:account/logout", async (request, reply) => {
    // The broker may take longer to answer than a silent socket may last.
    startLongRequest(request);
    const { broker, account } = await findAccount(context.keeper, request);
    await context.keeper.logout(broker, { account });
    return reply.status(204).send();
  });
}

/**
 * Starts a login because a person asked, and waits a moment for its first step.
 * @throws KeeperError when it failed within that moment
 */
export async function startLogin(
  { desk, clock }: Pick<ServiceContext, "desk" | "clock">,
  id: Parameters<ServiceContext["desk"]["start"]>[0],
): Promise<LoginAnswer> {
  const login = desk.start(id, { by: "person" });
  let cancel = () => {};
  const patience = new Promise<void>((resolve) => {
    cancel = clock.after(ASKED_WITHIN_MS, resolve);
  });
  await Promise.race([login.asked, patience]);
  cancel();
  if (desk.ongoing(id) === login) return loginAnswer(login);
  const failure = await login.ended;
  if (failure) throw new KeeperError(failure.code, failure.message, { nextStep: failure.nextStep });
  return { state: "done" };
}
