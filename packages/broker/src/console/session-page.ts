import { istDateTime } from "@kunji/contract";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { isRowKey } from "../crypto/row-key.ts";
import { revoke } from "../grants/revoke-token.ts";
import type { FormFields } from "../http/form-fields.ts";
import { sessionsPage } from "../pages/index.ts";
import { type LiveToken, listLiveTokens } from "../store/account-sessions.ts";
import { appendAudit } from "../store/audit.ts";
import { endOwnBrowserSession, listBrowserSessions } from "../store/browser-sessions.ts";
import type { Verb } from "../store/verb.ts";
import { tell } from "./browser-session.ts";
import { leadTo, onGet, onPost, sendPage, takeVisitForm, type Visit, visitView } from "./console-page.ts";

const PATH = "/account/sessions";

/** `/account/sessions`: which apps have access to the account now and which browsers are signed in, and ends either. */
export function registerSessionPage(app: FastifyInstance, context: BrokerContext): void {
  onGet(app, context, PATH, sendSessions);
  onPost(app, context, PATH, async (visit, form) => {
    if (await takeVisitForm(visit, form, PATH)) await end(visit, form);
    return leadTo(visit, PATH);
  });
}

/** Ends what the pressed button names. A key that is not the person's is one that has ended (S-62). */
async function end({ context, signedIn }: Visit, form: FormFields): Promise<void> {
  const now = context.clock.now();
  const { token, browser } = form;
  await context.db.write(function* (): Verb<void> {
    let isEnded = false;
    if (token !== undefined && isRowKey(token))
      isEnded = yield* endToken(context, signedIn.account.accountId, token, now);
    else if (browser !== undefined && isRowKey(browser)) {
      isEnded = yield* endBrowser(context, signedIn.account.accountId, browser, now);
    }
    const text = isEnded ? "Ended. It has no access any more." : "That had ended before.";
    yield* tell(context, signedIn, { at: PATH, notice: { kind: "info", text } });
  });
}

function* endToken(context: BrokerContext, accountId: string, tokenKey: string, now: number): Verb<boolean> {
  const token = (yield* listLiveTokens(accountId, now)).find(({ token_key }) => token_key === tokenKey);
  return token !== undefined && (yield* revoke(context, token, now));
}

function* endBrowser(context: BrokerContext, accountId: string, sessionKey: string, now: number): Verb<boolean> {
  if (!(yield* endOwnBrowserSession(sessionKey, accountId))) return false;
  yield* appendAudit(context.keys.audit, {
    at: now,
    event: "console.signed-out",
    accountId,
    detail: { session: sessionKey, by: "another browser" },
  });
  return true;
}

async function sendSessions(visit: Visit): Promise<FastifyReply> {
  const { context, signedIn } = visit;
  const { accountId } = signedIn.account;
  const now = context.clock.now();
  const tokens = await context.db.read(() => listLiveTokens(accountId, now));
  const browsers = await context.db.read(() => listBrowserSessions(accountId, now));
  return sendPage(
    visit,
    sessionsPage({
      ...visitView(visit, PATH),
      apps: byApp(tokens),
      browsers: browsers.map((browser) => ({
        key: browser.session_key,
        isThis: browser.session_key === signedIn.session.session_key,
        ...span(browser.created_at, browser.expires_at),
      })),
      action: PATH,
      backHref: "/account",
    }),
  );
}

function byApp(tokens: readonly LiveToken[]) {
  const apps = new Map<string, { name: string; tokens: LiveToken[] }>();
  for (const token of tokens) {
    const app = apps.get(token.client_id) ?? { name: token.client_name, tokens: [] };
    app.tokens.push(token);
    apps.set(token.client_id, app);
  }
  return [...apps.values()].map(({ name, tokens: own }) => ({
    name,
    tokens: own.map((token) => ({
      key: token.token_key,
      readOnly: token.kind === "extended",
      ...span(token.issued_at, token.expires_at),
    })),
  }));
}

function span(since: number, until: number) {
  return { since: `${istDateTime(since / 1000)} IST`, until: `${istDateTime(until / 1000)} IST` };
}
