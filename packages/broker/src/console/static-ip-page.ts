import { istDateTime } from "@kunji/contract";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import type { FormFields } from "../http/form-fields.ts";
import { stillCounts } from "../login/proven-secret.ts";
import { staticIpsPage } from "../pages/index.ts";
import type { StaticIpRules } from "../static-ip-rules.ts";
import { findBrowserSession } from "../store/browser-sessions.ts";
import { tell, toldAt } from "./browser-session.ts";
import { leadTo, onGet, onPost, sendNotFound, sendPage, takeVisitForm, type Visit, visitView } from "./console-page.ts";
import { proveSecret, secretRefused } from "./prove-secret.ts";

const PATH = "/account/static-ips";

/** `/account/static-ips`: the addresses a person registered for orders, at brokers that ask for them. */
export function registerStaticIpPage(app: FastifyInstance, context: BrokerContext): void {
  onGet(app, context, PATH, async (visit) => {
    const { staticIps } = visit.dialect;
    return staticIps ? await sendIps(visit, staticIps) : sendNotFound(visit);
  });
  onPost(app, context, PATH, async (visit, form) => {
    const { staticIps } = visit.dialect;
    if (!staticIps) return sendNotFound(visit);
    if (await takeVisitForm(visit, form, PATH)) return leadTo(visit, await change(visit, staticIps, form));
    return leadTo(visit, PATH);
  });
}

/** @returns where to go on */
async function change(visit: Visit, rules: StaticIpRules, form: FormFields): Promise<string> {
  const { context, signedIn, dialect } = visit;
  const { accountId } = signedIn.account;
  const entered = { primary_ip: form.primary_ip?.trim() ?? "", secondary_ip: form.secondary_ip?.trim() ?? "" };
  const proven = await proveSecret(context, dialect, accountId, form);
  const now = context.clock.now();
  return await context.db.write(function* () {
    if (!(yield* findBrowserSession(signedIn.session.session_key))) return "/account";
    if (!proven || !(yield* stillCounts(proven))) {
      yield* tell(context, signedIn, { at: PATH, notice: secretRefused(dialect), entered });
      return PATH;
    }
    const wanted = { primary: entered.primary_ip, secondary: entered.secondary_ip };
    const result = yield* rules.replace(context, accountId, wanted, now);
    if (result.outcome === "refused") {
      const notice = { kind: "error", text: result.problem, field: result.field } as const;
      yield* tell(context, signedIn, { at: PATH, notice, entered });
    } else {
      yield* tell(context, signedIn, { at: PATH, notice: { kind: "info", text: "The addresses are saved." } });
    }
    return PATH;
  });
}

async function sendIps(visit: Visit, rules: StaticIpRules): Promise<FastifyReply> {
  const { context, signedIn, dialect } = visit;
  const ips = await context.db.read(() => rules.find(signedIn.account.accountId));
  const entered = toldAt(context, signedIn.session, PATH)?.entered;
  return sendPage(
    visit,
    staticIpsPage({
      ...visitView(visit, PATH),
      primary: entered?.primary_ip ?? ips?.primary ?? "",
      secondary: entered?.secondary_ip ?? ips?.secondary ?? "",
      changedAt: ips && `${istDateTime(ips.changedAt / 1000)} IST`,
      consequences: rules.consequences,
      action: PATH,
      asksFor: dialect,
      backHref: "/account",
    }),
  );
}
