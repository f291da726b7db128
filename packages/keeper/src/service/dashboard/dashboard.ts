/** The page for a person, at `/` of the loopback port. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { accountLabel } from "../../account.ts";
import type { AccountStatus } from "../../account-status.ts";
import { findAccount } from "../account-in-path.ts";
import type { EventStreams } from "../event-streams.ts";
import { startLogin } from "../login-endpoint.ts";
import { startLongRequest } from "../long-request.ts";
import { DATA_HEADERS } from "../server-options.ts";
import type { ServiceContext } from "../service-context.ts";
import { faultAnswer } from "../service-fault.ts";
import { errorFields } from "../service-log.ts";
import type { CardView } from "./account-card.tsx";
import type { DashboardAccess, DashboardSession } from "./dashboard-access.ts";
import { createDashboardAssets, type DashboardAssets } from "./dashboard-assets.ts";
import { accountsPart, continuePage, type DashboardView, dashboardPage, messagePage } from "./dashboard-page.tsx";
import { cookieHeader, readCookie, registerFormParser, requireForm, requireSameOrigin } from "./dashboard-requests.ts";

export interface DashboardOptions {
  readonly context: ServiceContext;
  readonly access: DashboardAccess;
  readonly streams: EventStreams;
  /** Known once the service listens. */
  readonly port: () => number;
  /** Start of the next scheduled logins, epoch milliseconds. */
  readonly nextLoginAt: () => number | undefined;
  readonly socket: string | undefined;
}

/** S-53, S-54, S-55. `connect-src`: the script listens for changes and fetches the part that changed. */
export const PAGE_HEADERS = {
  ...DATA_HEADERS,
  "content-security-policy":
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

/** Registers the pages. @param app of their own, so that their headers and parser do not reach the API */
export function registerDashboard(app: FastifyInstance, options: DashboardOptions): void {
  const assets = createDashboardAssets();
  registerFormParser(app);
  app.addHook("onRequest", (_request, reply, done) => {
    reply.headers(PAGE_HEADERS);
    done();
  });
  app.setErrorHandler((error, request, reply) => answerFault(error, request, reply, assets, options.context));
  assets.register(app);
  registerDoor(app, options, assets);
  registerPages(app, options, assets);
  registerForms(app, options, assets);
}

/** How a browser gets in and leaves. */
function registerDoor(app: FastifyInstance, { access, port }: DashboardOptions, assets: DashboardAssets): void {
  app.get("/open/:ticket", async (request, reply) => {
    // A browser that loads pages before anybody asked would spend the link.
    const isAhead = request.headers["sec-purpose"] !== undefined || request.headers.purpose !== undefined;
    const { ticket = "" } = request.params as { readonly ticket?: string };
    const cookie = isAhead ? undefined : access.redeem(ticket);
    if (cookie === undefined) {
      return sendPage(reply, 401, messagePage({ ...CLOSED_DOOR, title: "This link does not open any more" }, assets));
    }
    // To a clean address: the link is in no history and no screenshot.
    return reply.header("set-cookie", cookieHeader(port(), cookie)).redirect("/", 303);
  });

  app.post("/leave", async (request, reply) => {
    requireForm(request, access, port());
    access.forget(readCookie(request, port()));
    return reply.header("set-cookie", cookieHeader(port(), "")).redirect("/", 303);
  });
}

const CLOSED_DOOR = {
  text: "Each link lets one browser in, once, within ten minutes. Make a new one in a terminal:",
  command: "kunji dashboard",
  // After a link from another site the browser keeps a strict cookie back on the first page; the second one has it.
  link: { href: "/", text: "Try again" },
} as const;

function registerPages(app: FastifyInstance, options: DashboardOptions, assets: DashboardAssets): void {
  const { context, access, streams, port } = options;
  const sessionOf = (request: FastifyRequest) => access.find(readCookie(request, port()));

  app.get("/", async (request, reply) => {
    const session = sessionOf(request);
    if (!session) return sendPage(reply, 401, messagePage({ ...CLOSED_DOOR, title: "Not let in yet" }, assets));
    return sendPage(reply, 200, dashboardPage(await viewOf(options, session), assets));
  });

  app.get("/accounts-now", async (request, reply) => {
    requireSameOrigin(request);
    const session = sessionOf(request);
    if (!session) return reply.status(401).send();
    return sendPage(reply, 200, accountsPart(await viewOf(options, session)));
  });

  app.get("/changes", (request, reply) => {
    requireSameOrigin(request);
    if (!sessionOf(request)) return reply.status(401).send();
    streams.open(request, reply, (send) => {
      const change = () => send("event: change\ndata: {}\n\n");
      const stops = [context.feed.listen(change), context.desk.listen(change)];
      return () => {
        for (const stop of stops) stop();
      };
    });
  });

  app.get("/accounts/:broker/:account/continue", async (request, reply) => {
    if (!sessionOf(request))
      return sendPage(reply, 401, messagePage({ ...CLOSED_DOOR, title: "Not let in yet" }, assets));
    const account = await findAccount(context.keeper, request);
    const step = context.desk.ongoing(account)?.step();
    if (step?.kind !== "browser") return sendPage(reply, 410, messagePage(OVER, assets));
    return sendPage(reply, 200, continuePage({ title: account.title, url: step.url }, assets));
  });
}

const OVER = {
  title: "This login is over",
  text: "It was finished or given up meanwhile.",
  link: { href: "/", text: "Back to the accounts" },
} as const;

function registerForms(
  app: FastifyInstance,
  { context, access, port }: DashboardOptions,
  assets: DashboardAssets,
): void {
  app.post("/accounts/:broker/:account/login", async (request, reply) => {
    requireForm(request, access, port());
    const account = await findAccount(context.keeper, request);
    const answer = await startLogin(context, account).catch((error: unknown) => {
      // The desk remembers why, and the card says it.
      if (context.desk.lastFailure(account)) return undefined;
      throw error;
    });
    const path = answer?.state === "browser" ? `/accounts/${accountLabel(account)}/continue` : "/";
    if (account.way === "browser" && answer?.state !== "browser") {
      return sendPage(reply, 409, messagePage(notOpened(context, account), assets));
    }
    return reply.redirect(path, 303);
  });

  app.post("/accounts/:broker/:account/logout", async (request, reply) => {
    startLongRequest(request);
    requireForm(request, access, port());
    const { broker, account } = await findAccount(context.keeper, request);
    await context.keeper.logout(broker, { account });
    return reply.redirect("/", 303);
  });
}

/** In the tab that was to show the broker's page. */
function notOpened({ desk }: ServiceContext, account: AccountStatus) {
  const failure = desk.lastFailure(account);
  return {
    title: `${account.title}'s page did not open`,
    text: failure ? [failure.message, failure.nextStep].filter(Boolean).join(". ") : "Another program is logging in.",
    link: { href: "/", text: "Back to the accounts" },
  };
}

async function viewOf(
  { context, nextLoginAt, socket }: DashboardOptions,
  session: DashboardSession,
): Promise<DashboardView> {
  const { keeper, desk, history, clock } = context;
  const accounts = await keeper.status();
  const cards = accounts.map(
    (account): CardView => ({
      account,
      step: desk.ongoing(account)?.step(),
      failure: desk.lastFailure(account),
      logins: history.of(account),
      now: clock.now(),
    }),
  );
  return { cards, nextLoginAt: nextLoginAt(), csrf: session.csrf, socket };
}

function sendPage(reply: FastifyReply, status: number, html: string) {
  return reply.status(status).type("text/html; charset=utf-8").send(html);
}

/** Errors of pages are pages. */
function answerFault(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  assets: DashboardAssets,
  { log }: ServiceContext,
) {
  const { status, body } = faultAnswer(error);
  if (status === 500) log.error("a page failed", { requestId: request.id, ...errorFields(error) });
  const text = `${body.message[0]?.toUpperCase()}${body.message.slice(1)}. ${body.nextStep ?? ""}`.trim();
  const link = { href: "/", text: "Back to the accounts" };
  return sendPage(reply, status, messagePage({ title: "That did not work", text, link }, assets));
}
