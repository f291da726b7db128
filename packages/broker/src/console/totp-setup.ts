import type { FastifyInstance, FastifyReply } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import type { Dialect } from "../dialect.ts";
import { dialectNamed, dialects } from "../dialects.ts";
import type { FormFields } from "../http/form-fields.ts";
import { formToken } from "../login/csrf.ts";
import { requireSameOrigin } from "../login/same-origin.ts";
import { countGuess, forgiveGuess } from "../login/throttle.ts";
import { isPin, verifyPin } from "../login/verify-pin.ts";
import { openTotpSecret, sealTotpSecret } from "../login/verify-totp.ts";
import { totpDisablePage, totpEnrolmentPage } from "../pages/index.ts";
import { setTotpSecret, spendTotpStep } from "../store/accounts.ts";
import { appendAudit } from "../store/audit.ts";
import { endBrowserSessions, offerTotp } from "../store/browser-sessions.ts";
import { matchTotpStep, newTotpSecret, totpUri } from "../totp/totp.ts";
import { endSessionCookie, findSignedIn, type SignedIn, sessionNotice, takeForm, tell } from "./browser-session.ts";

const PATH = "/account/totp";

/** `/account/totp`: turns codes from an authenticator app on, by QR code, and off. */
export function registerTotpSetup(app: FastifyInstance, context: BrokerContext): void {
  app.get(PATH, async (request, reply) => {
    const signedIn = await findSignedIn(context, request);
    if (!signedIn) return reply.headers(context.jsonHeaders).redirect("/account", 303);
    return signedIn.account.totpSecret
      ? sendDisable(context, reply, signedIn)
      : await sendEnrol(context, reply, signedIn);
  });

  app.post(PATH, { config: { content: "form" } }, async (request, reply) => {
    requireSameOrigin(request, context.issuer().startsWith("https:"));
    const signedIn = await findSignedIn(context, request);
    if (!signedIn) return reply.headers(context.jsonHeaders).redirect("/account", 303);
    const form = (request.body ?? {}) as FormFields;
    if (!(await takeForm(context, signedIn, form.csrf))) return reply.headers(context.jsonHeaders).redirect(PATH, 303);
    const source = context.sourceOf(request);
    return signedIn.account.totpSecret
      ? await removeTotp(context, reply, signedIn, form)
      : await confirmTotp(context, reply, signedIn, form.otp ?? "", source);
  });
}

/** The same secret is offered until it is confirmed or the session ends, so a reload does not change the QR code. */
async function offeredSecret(context: BrokerContext, { session, account }: SignedIn): Promise<string> {
  if (session.totp_offer) return openTotpSecret(context, account.accountId, session.totp_offer);
  const secret = newTotpSecret((size) => context.random.bytes(size));
  const sealed = sealTotpSecret(context, account.accountId, secret);
  await context.db.write(() => offerTotp(session.session_key, sealed));
  return secret;
}

async function confirmTotp(
  context: BrokerContext,
  reply: FastifyReply,
  signedIn: SignedIn,
  code: string,
  source: string,
) {
  const { session, account } = signedIn;
  const now = context.clock.now();
  const { totp_offer: offer } = session;
  if (!offer) return reply.headers(context.jsonHeaders).redirect(PATH, 303);
  const secret = openTotpSecret(context, account.accountId, offer);
  const guess = { factor: "otp", dialect: account.dialect, loginName: account.loginName, source } as const;
  const isOn = await context.db.write(function* () {
    const verdict = yield* countGuess(guess, now);
    if (!verdict.allowed) return false;
    const step = matchTotpStep(secret, code.replace(/\s/g, ""), Math.floor(now / 1000));
    // The confirming code is used up too: it must not work again at the login (S-45).
    if (step === undefined || !(yield* spendTotpStep(account.accountId, step))) return false;
    yield* forgiveGuess(verdict.counted, now);
    yield* setTotpSecret(account.accountId, offer);
    yield* offerTotp(session.session_key, null);
    yield* tell(signedIn, { kind: "info", text: "Your authenticator app is set up. Its codes work from now on." });
    yield* appendAudit(context.keys.audit, { at: now, event: "totp.enrolled", accountId: account.accountId });
    return true;
  });
  if (isOn) return reply.headers(context.jsonHeaders).redirect("/account", 303);
  const text = "That code is not right. Wait for the next one in your app and enter it.";
  await context.db.write(() => tell(signedIn, { kind: "error", text }));
  return reply.headers(context.jsonHeaders).redirect(PATH, 303);
}

/** Turning it off signs the person out everywhere, as the vendor does (protocol/upstox.md 2.5). */
async function removeTotp(context: BrokerContext, reply: FastifyReply, signedIn: SignedIn, form: FormFields) {
  const { account } = signedIn;
  const { secret } = dialectOf(account);
  const given = (secret === "PIN" ? form.pin : form.password) ?? "";
  const isPossible = secret === "PIN" ? isPin(given) : given !== "";
  if (!isPossible || !(await verifyPin(context, account.accountId, given))) {
    await context.db.write(() => tell(signedIn, { kind: "error", text: `That ${secret} was not accepted.` }));
    return reply.headers(context.jsonHeaders).redirect(PATH, 303);
  }
  const now = context.clock.now();
  await context.db.write(function* () {
    yield* setTotpSecret(account.accountId, null);
    yield* endBrowserSessions(account.accountId);
    yield* appendAudit(context.keys.audit, { at: now, event: "totp.removed", accountId: account.accountId });
  });
  return reply.headers(context.jsonHeaders).header("set-cookie", endSessionCookie(context)).redirect("/account", 303);
}

async function sendEnrol(context: BrokerContext, reply: FastifyReply, signedIn: SignedIn) {
  const secret = await offeredSecret(context, signedIn);
  const { brokerName } = dialectOf(signedIn.account);
  const uri = totpUri({ issuer: brokerName, accountName: signedIn.account.userId, secret });
  // Loaded when somebody enrols: at the start it would take longer than opening the database.
  const { qrModules } = await import("../totp/qr-modules.ts");
  return sendHtml(
    context,
    reply,
    totpEnrolmentPage({ ...formView(context, signedIn), modules: qrModules(uri), secret, otpauthUri: uri }),
  );
}

function sendDisable(context: BrokerContext, reply: FastifyReply, signedIn: SignedIn) {
  return sendHtml(
    context,
    reply,
    totpDisablePage({ ...formView(context, signedIn), asksFor: dialectOf(signedIn.account).secret }),
  );
}

function formView(context: BrokerContext, { session, account }: SignedIn) {
  return {
    ...context.page(dialectOf(account)),
    csrf: formToken(context.keys.form, session.session_key, session.form_nonce),
    action: PATH,
    backHref: "/account",
    notice: sessionNotice(session),
  };
}

function sendHtml(context: BrokerContext, reply: FastifyReply, html: string) {
  return reply.headers(context.pageHeaders()).type("text/html; charset=utf-8").send(html);
}

function dialectOf({ dialect }: SignedIn["account"]): Dialect {
  return dialectNamed(dialect) ?? dialects[0];
}
