import type { FastifyInstance, FastifyReply } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import type { FormFields } from "../http/form-fields.ts";
import { stillCounts } from "../login/proven-secret.ts";
import { countGuess, forgiveGuess } from "../login/throttle.ts";
import { openTotpSecret, sealTotpSecret } from "../login/verify-totp.ts";
import { totpDisablePage, totpEnrolmentPage } from "../pages/index.ts";
import { findAccount, setTotpSecret, spendTotpStep } from "../store/accounts.ts";
import { appendAudit } from "../store/audit.ts";
import { endBrowserSessions, findBrowserSession, offerTotp } from "../store/browser-sessions.ts";
import { matchTotpStep, newTotpSecret, totpUri } from "../totp/totp.ts";
import { endSessionCookie, type SignedIn, tell } from "./browser-session.ts";
import { leadTo, onGet, onPost, sendPage, takeVisitForm, type Visit, visitView } from "./console-page.ts";
import { proveSecret, secretRefused } from "./prove-secret.ts";

const PATH = "/account/totp";

/** `/account/totp`: turns codes from an authenticator app on, by QR code, and off. */
export function registerTotpSetup(app: FastifyInstance, context: BrokerContext): void {
  onGet(app, context, PATH, async (visit) =>
    visit.signedIn.account.totpSecret ? sendDisable(visit) : await sendEnrol(visit),
  );
  onPost(app, context, PATH, async (visit, form) => {
    if (!(await takeVisitForm(visit, form, PATH))) return leadTo(visit, PATH);
    // Both forms hold the PIN: which of them it is, the form says. One that turns an app on never turns one off.
    return form.otp === undefined ? await removeTotp(visit, form) : await confirmTotp(visit, form, form.otp);
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

/** Whoever found a browser signed in must not make an authenticator of theirs a way to log in: the PIN is asked (S-63). */
async function confirmTotp(visit: Visit, form: FormFields, code: string): Promise<FastifyReply> {
  const { context, signedIn, dialect, request } = visit;
  const { session, account } = signedIn;
  const { accountId, loginName } = account;
  const { totp_offer: offer } = session;
  if (account.totpSecret || !offer) return await sayNothingChanged(visit);
  const secret = openTotpSecret(context, accountId, offer);
  const proven = await proveSecret(context, dialect, accountId, form);
  const now = context.clock.now();
  const source = context.sourceOf(request);
  const guess = { factor: "otp", dialect: account.dialect, loginName, source } as const;
  const next = await context.db.write(function* () {
    // Signed out in another browser while the PIN was compared.
    if (!(yield* findBrowserSession(session.session_key))) return "/account";
    if (!proven || !(yield* stillCounts(proven))) {
      yield* tell(context, signedIn, { at: PATH, notice: secretRefused(dialect) });
      return PATH;
    }
    if ((yield* findAccount(accountId))?.totpSecret) {
      yield* tell(context, signedIn, { at: PATH, notice: nothingChanged });
      return PATH;
    }
    const verdict = yield* countGuess(guess, now);
    const step = verdict.allowed ? matchTotpStep(secret, code.replace(/\s/g, ""), Math.floor(now / 1000)) : undefined;
    // The confirming code is used up too: it must not work again at the login (S-45).
    if (!verdict.allowed || step === undefined || !(yield* spendTotpStep(accountId, step))) {
      yield* tell(context, signedIn, { at: PATH, notice: codeRefused });
      return PATH;
    }
    yield* forgiveGuess(verdict.counted, now);
    yield* setTotpSecret(accountId, offer);
    yield* offerTotp(session.session_key, null);
    const text = "Your authenticator app is set up. Its codes work from now on.";
    yield* tell(context, signedIn, { at: "/account", notice: { kind: "info", text } });
    yield* appendAudit(context.keys.audit, { at: now, event: "totp.enrolled", accountId });
    return "/account";
  });
  return leadTo(visit, next);
}

const codeRefused = {
  kind: "error",
  text: "That code is not right. Wait for the next one in your app and enter it.",
  field: "otp",
} as const;

const nothingChanged = {
  kind: "info",
  text: "Nothing was changed: it was turned on or off in another browser meanwhile. This is how it stands.",
} as const;

async function sayNothingChanged(visit: Visit): Promise<FastifyReply> {
  await visit.context.db.write(() => tell(visit.context, visit.signedIn, { at: PATH, notice: nothingChanged }));
  return leadTo(visit, PATH);
}

/** Turning it off signs the person out everywhere, as the vendor does (protocol/upstox.md 2.5). */
async function removeTotp(visit: Visit, form: FormFields): Promise<FastifyReply> {
  const { context, signedIn, dialect } = visit;
  const { accountId } = signedIn.account;
  if (!signedIn.account.totpSecret) return await sayNothingChanged(visit);
  const proven = await proveSecret(context, dialect, accountId, form);
  const now = context.clock.now();
  const isOff = await context.db.write(function* () {
    if (!proven || !(yield* stillCounts(proven))) {
      yield* tell(context, signedIn, { at: PATH, notice: secretRefused(dialect) });
      return false;
    }
    yield* setTotpSecret(accountId, null);
    yield* endBrowserSessions(accountId);
    yield* appendAudit(context.keys.audit, { at: now, event: "totp.removed", accountId });
    return true;
  });
  if (!isOff) return leadTo(visit, PATH);
  visit.reply.header("set-cookie", endSessionCookie(context));
  return leadTo(visit, "/account");
}

async function sendEnrol(visit: Visit): Promise<FastifyReply> {
  const { context, signedIn, dialect } = visit;
  const secret = await offeredSecret(context, signedIn);
  const uri = totpUri({ issuer: dialect.brokerName, accountName: signedIn.account.userId, secret });
  // Loaded when somebody enrols: at the start it would take longer than opening the database.
  const { qrModules } = await import("../totp/qr-modules.ts");
  return sendPage(
    visit,
    totpEnrolmentPage({ ...formView(visit), modules: qrModules(uri), secret, otpauthUri: uri, asksFor: dialect }),
  );
}

function sendDisable(visit: Visit): FastifyReply {
  return sendPage(visit, totpDisablePage({ ...formView(visit), asksFor: visit.dialect }));
}

function formView(visit: Visit) {
  return { ...visitView(visit, PATH), action: PATH, backHref: "/account" };
}
