import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { wantsHtml } from "../http/accept-header.ts";
import type { FormFields } from "../http/form-fields.ts";
import { appendQuery } from "../http/redirect-url.ts";
import { issuerOf } from "../oauth/issuer.ts";
import { badRequestPage, messagePage, tooManyRequestsPage } from "../pages/index.ts";
import { findAttempt } from "../store/attempts.ts";
import type { Client } from "../store/clients.ts";
import { type Attempt, endAttemptFromHere, loadAttempt, readAttemptCookie, takeAttemptForm } from "./attempt.ts";
import { attemptCookies } from "./attempt-cookie.ts";
import { clientOf } from "./client-of.ts";
import type { LoginFlow, StepOutcome } from "./login-flow.ts";
import { requireSameOrigin } from "./same-origin.ts";

type LoginRoute = { Params: { attempt: string } };

/**
 * The login pages: one address per attempt. `GET` shows where it stands and changes nothing, so reload and back are
 * safe; `POST` takes a step and leads back to `GET`, or out to the app (S-34, S-41).
 */
export function registerLoginPages(app: FastifyInstance, context: BrokerContext, flow: LoginFlow): void {
  const { identity, path } = flow;
  const isHttps = () => context.issuer().startsWith("https:");

  app.get<LoginRoute>(`${path}/:attempt`, async (request, reply) => {
    const now = context.clock.now();
    const { attempt: key } = request.params;
    const cookieText = attemptCookies(context, request.headers.cookie).valueFor(key);
    if (cookieText === undefined && !wantsHtml(request.headers.accept)) return sendForPeople(context, flow, reply);
    const cookie = readAttemptCookie(cookieText);
    const attempt = await context.db.read(() => loadAttempt(identity.name, key, cookie, now));
    if (!attempt) return sendExpired(context, flow, request, reply);
    const client = await clientOf(context, attempt);
    const { request: wanted } = attempt;
    const shown = isForChangedApp(attempt, client) ? { ...attempt, ...CHANGED_APP } : attempt;
    const page = await flow.page(context, { attempt: shown, client, address: `${path}/${key}`, now });
    return reply
      .headers(context.pageHeaders(wanted.kind === "authorize" ? wanted.redirectUri : undefined))
      .type("text/html; charset=utf-8")
      .send(page);
  });

  app.post<LoginRoute>(`${path}/:attempt`, { config: { content: "form" } }, async (request, reply) => {
    requireSameOrigin(request, isHttps());
    const now = context.clock.now();
    const { attempt: key } = request.params;
    const cookies = attemptCookies(context, request.headers.cookie);
    const form = (request.body ?? {}) as FormFields;
    const taken = await context.db.write(() =>
      takeAttemptForm(context, identity.name, key, readAttemptCookie(cookies.valueFor(key)), form.csrf, now),
    );
    if (taken.outcome !== "taken") countStep(context, flow, "none", taken.outcome);
    if (taken.outcome === "gone") return sendExpired(context, flow, request, reply);
    if (taken.outcome === "form-used") {
      return reply.headers(context.jsonHeaders).redirect(`${path}/${key}`, 303);
    }
    if (isForChangedApp(taken.attempt, await clientOf(context, taken.attempt))) {
      await context.db.write(() => endAttemptFromHere(taken.attempt, CHANGED_APP.notice));
      return reply.headers(context.jsonHeaders).redirect(`${path}/${key}`, 303);
    }
    const source = context.sourceOf(request);
    const outcome = await flow.takeStep({ context, attempt: taken.attempt, form, source, now });
    countStep(context, flow, taken.attempt.step, await nameOutcome(context, taken.attempt, outcome));
    return sendOutcome(context, flow, request, reply, taken.attempt, outcome, now);
  });
}

function countStep(context: BrokerContext, { identity }: LoginFlow, step: string, outcome: string): void {
  context.metrics.loginSteps.of({ broker: identity.name, step, outcome }).add();
}

/** What became of a step, for the metrics. Where a page says something, that is what became of it. */
async function nameOutcome(context: BrokerContext, attempt: Attempt, outcome: StepOutcome): Promise<string> {
  switch (outcome.outcome) {
    case "proven":
      return "advanced";
    case "too-many":
      return "throttled";
    case "signed-in":
      return "completed";
    case "to-app":
      return outcome.parameters.error === undefined ? "completed" : "cancelled";
    case "stay": {
      const now = await context.db.read(() => findAttempt(attempt.key));
      return now?.notice ?? (now?.step === attempt.step ? "stayed" : "advanced");
    }
  }
}

const CHANGED_APP = { step: "ended", notice: "client-unavailable" } as const;

/**
 * Whether the app was switched off, or its redirect URIs or secrets changed, since this login began: it ends at its next
 * page then (S-24, S-63). One that is over keeps saying how it ended.
 */
function isForChangedApp({ step, request }: Attempt, client: Client | undefined): boolean {
  if (step === "ended" || request.kind !== "authorize") return false;
  return client?.status !== "active" || client.codeEpoch !== request.clientEpoch;
}

function sendOutcome(
  context: BrokerContext,
  flow: LoginFlow,
  request: FastifyRequest,
  reply: FastifyReply,
  attempt: Attempt,
  outcome: StepOutcome,
  now: number,
) {
  const cookies = attemptCookies(context, request.headers.cookie);
  reply.headers(context.jsonHeaders);
  switch (outcome.outcome) {
    case "stay":
      return reply.redirect(`${flow.path}/${attempt.key}`, 303);
    case "proven":
      return reply
        .header("set-cookie", cookies.replace(attempt.key, outcome.cookie))
        .redirect(`${flow.path}/${attempt.key}`, 303);
    case "signed-in":
      return reply.header("set-cookie", [cookies.end(attempt.key), outcome.sessionCookie]).redirect("/account", 303);
    case "to-app":
      // 303, so that the browser does not post the PIN on to the app (S-07).
      return reply
        .header("set-cookie", cookies.end(attempt.key))
        .redirect(
          appendQuery(outcome.redirectUri, { ...outcome.parameters, iss: issuerOf(context, flow.identity) }),
          303,
        );
    case "too-many": {
      const minutes = Math.max(1, Math.ceil((outcome.retryAt - now) / 60_000));
      const retryAfter = minutes === 1 ? "in a minute" : `in ${minutes} minutes`;
      return reply
        .code(429)
        .headers(context.pageHeaders())
        .header("retry-after", String(Math.max(1, Math.ceil((outcome.retryAt - now) / 1000))))
        .type("text/html; charset=utf-8")
        .send(tooManyRequestsPage({ ...context.page(flow.identity), requestId: request.id, retryAfter }));
    }
  }
}

/**
 * `authorize()` of the official SDKs follows the dialog's redirect to here, without cookies, and takes anything but 2xx
 * for a failure; the vendor's login page answers 200 to everybody (protocol/upstox.md 9.1). It says the same for every
 * handle, so a program learns nothing of an attempt (S-35).
 */
function sendForPeople(context: BrokerContext, flow: LoginFlow, reply: FastifyReply) {
  const page = messagePage({
    ...context.page(flow.identity),
    tone: "info",
    title: "Open this login in a browser",
    text: "A person logs in here, in a browser that keeps cookies. Open the authorization dialog there instead of calling it from a program.",
  });
  return reply.headers(context.pageHeaders()).type("text/html; charset=utf-8").send(page);
}

/** Unknown, lapsed and another browser's attempts look the same (S-35). */
function sendExpired(context: BrokerContext, flow: LoginFlow, request: FastifyRequest, reply: FastifyReply) {
  return reply
    .code(400)
    .headers(context.pageHeaders())
    .type("text/html; charset=utf-8")
    .send(badRequestPage({ ...context.page(flow.identity), requestId: request.id }));
}
