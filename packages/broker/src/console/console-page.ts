import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import type { Dialect } from "../dialect.ts";
import { dialectNamed, dialects } from "../dialects.ts";
import type { FormFields } from "../http/form-fields.ts";
import { formToken } from "../login/csrf.ts";
import { requireSameOrigin } from "../login/same-origin.ts";
import { notFoundPage } from "../pages/index.ts";
import { findSignedIn, type SignedIn, takeForm, tell, toldAt } from "./browser-session.ts";

/** A signed-in person at one of the console's addresses. */
export interface Visit {
  readonly context: BrokerContext;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly signedIn: SignedIn;
  readonly dialect: Dialect;
  /** What stands in the address, by name. */
  readonly params: Readonly<Record<string, string>>;
}

/** Shows a page to whoever is signed in; everybody else is led to the login. */
export function onGet(
  app: FastifyInstance,
  context: BrokerContext,
  path: string,
  show: (visit: Visit) => Promise<FastifyReply>,
): void {
  app.get(path, async (request, reply) => {
    const signedIn = await findSignedIn(context, request);
    return signedIn ? await show(visitOf(context, request, reply, signedIn)) : toSignIn(context, reply);
  });
}

/**
 * Takes a form of somebody who is signed in, from a page of ours (S-36). That it is used once is the handler's to see
 * to, with `takeVisitForm()`: an address that leads nowhere says so first.
 */
export function onPost(
  app: FastifyInstance,
  context: BrokerContext,
  path: string,
  take: (visit: Visit, form: FormFields) => Promise<FastifyReply>,
): void {
  app.post(path, { config: { content: "form" } }, async (request, reply) => {
    requireSameOrigin(request, context.issuer().startsWith("https:"));
    const signedIn = await findSignedIn(context, request);
    if (!signedIn) return toSignIn(context, reply);
    return await take(visitOf(context, request, reply, signedIn), (request.body ?? {}) as FormFields);
  });
}

/**
 * Uses up the form of a page (S-41).
 * @param at where the person is led in any case
 * @returns false, with a word on that page, when it was sent before or another form was sent since it was shown
 */
export async function takeVisitForm({ context, signedIn }: Visit, form: FormFields, at: string): Promise<boolean> {
  if (await takeForm(context, signedIn, form.csrf)) return true;
  // A form of another tab that was open meanwhile is as used up as one that was sent twice.
  const text = "Nothing was changed: that form was sent before, or another page was used since. This is how it stands.";
  const notice = { kind: "info", text } as const;
  await context.db.write(() => tell(context, signedIn, { at, notice }));
  return false;
}

/** What the pages of a visit share. @param at the page's path, for what there is to say on it */
export function visitView({ context, signedIn, dialect }: Visit, at: string) {
  const { session } = signedIn;
  return {
    ...context.page(dialect),
    csrf: formToken(context.keys.form, session.session_key, session.form_nonce),
    notice: toldAt(context, session, at)?.notice,
  };
}

export function leadTo({ context, reply }: Pick<Visit, "context" | "reply">, path: string): FastifyReply {
  return reply.headers(context.jsonHeaders).redirect(path, 303);
}

export function sendPage({ context, reply }: Pick<Visit, "context" | "reply">, html: string): FastifyReply {
  return reply.headers(context.pageHeaders()).type("text/html; charset=utf-8").send(html);
}

/** What does not exist and what is another person's look the same (S-62). */
export function sendNotFound({ context, request, reply }: Pick<Visit, "context" | "request" | "reply">): FastifyReply {
  const page = notFoundPage({ ...context.page(dialects[0]), requestId: request.id, homeHref: "/" });
  return sendPage({ context, reply: reply.code(404) }, page);
}

function dialectOf({ account }: Pick<SignedIn, "account">): Dialect {
  return dialectNamed(account.dialect) ?? dialects[0];
}

/** Nobody is signed in: off to the login of the first broker; with several, the start page offers each. */
function toSignIn(context: BrokerContext, reply: FastifyReply): FastifyReply {
  return leadTo({ context, reply }, `/account/login/${dialects[0].name}`);
}

function visitOf(context: BrokerContext, request: FastifyRequest, reply: FastifyReply, signedIn: SignedIn): Visit {
  const params = request.params as Readonly<Record<string, string>>;
  return { context, request, reply, signedIn, dialect: dialectOf(signedIn), params };
}
