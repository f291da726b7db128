import type { BrokerContext } from "../broker-context.ts";
import type { DialectIdentity } from "../dialect-identity.ts";
import { displayHost, type FlowView } from "../pages/index.ts";
import { formToken } from "./csrf.ts";
import type { ShownAttempt } from "./login-flow.ts";
import type { NoticeTexts } from "./notices.ts";

/** What every step of a login shows: whose it is, where it leads, and what there is to say. */
export function flowView(
  context: BrokerContext,
  identity: DialectIdentity,
  { attempt, client, address }: ShownAttempt,
  notices: NoticeTexts,
): FlowView {
  const { request } = attempt;
  return {
    ...context.page(identity),
    csrf: formToken(context.keys.form, attempt.key, attempt.formNonce),
    action: address,
    cancelAction: address,
    clientName: client?.name,
    redirectHost: request.kind === "authorize" ? displayHost(new URL(request.redirectUri).host) : undefined,
    notice: attempt.notice ? notices[attempt.notice] : undefined,
  };
}
