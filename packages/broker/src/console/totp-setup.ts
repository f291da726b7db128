import type { FastifyInstance, FastifyReply } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import type { FormFields } from "../http/form-fields.ts";
import { stillCounts } from "../login/proven-secret.ts";
import { countGuess, forgiveGuess } from "../login/throttle.ts";
import { openTotpSecret, sealTotpSecret } from "../login/verify-totp.ts";
import { totpDisablePage, totpEnrolmentPage } from "../pages/index.ts";
import { setTotpSecret, spendTotpStep } from "../store/accounts.ts";
import { appendAudit } from "../store/audit.ts";
import { endBrowserSessions, offerTotp } from "../store/browser-sessions.ts";
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
    return visit.signedIn.account.totpSecret
      ? await removeTotp(visit, form)
      : await confirmTotp(visit, form.otp ?? "", context.sourceOf(visit.request));
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

async function confirmTotp(visit: Visit, code: string, source: string): Promise<FastifyReply> {
  const { context, signedIn } = visit;
  const { session, account } = signedIn;
  const now = context.clock.now();
  const { totp_offer: offer } = session;
  if (!offer) return leadTo(visit, PATH);
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
    const text = "Your authenticator app is set up. Its codes work from now on.";
    yield* tell(context, signedIn, { at: "/account", notice: { kind: "info", text } });
    yield* appendAudit(context.keys.audit, { at: now, event: "totp.enrolled", accountId: account.accountId });
    return true;
  });
  if (isOn) return leadTo(visit, "/account");
  const text = "That code is not right. Wait for the next one in your app and enter it.";
  await context.db.write(() => tell(context, signedIn, { at: PATH, notice: { kind: "error", text } }));
  return leadTo(visit, PATH);
}

/** Turning it off signs the person out everywhere, as the vendor does (protocol/upstox.md 2.5). */
async function removeTotp(visit: Visit, form: FormFields): Promise<FastifyReply> {
  const { context, signedIn, dialect } = visit;
  const { accountId } = signedIn.account;
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
  return sendPage(visit, totpEnrolmentPage({ ...formView(visit), modules: qrModules(uri), secret, otpauthUri: uri }));
}

function sendDisable(visit: Visit): FastifyReply {
  return sendPage(visit, totpDisablePage({ ...formView(visit), asksFor: visit.dialect }));
}

function formView(visit: Visit) {
  return { ...visitView(visit, PATH), action: PATH, backHref: "/account" };
}
