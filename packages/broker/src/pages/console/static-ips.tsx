import { type AskedSecret, NoticeLine, PostForm, SecretField } from "../form-parts.tsx";
import { layout } from "../layout.tsx";
import type { FormView } from "../page-view.ts";
import { BackLink } from "./back-link.tsx";
import { Kept } from "./client-change.tsx";

export interface StaticIpsView extends FormView {
  /** As registered, or as just typed; empty when there is none. */
  readonly primary: string;
  readonly secondary: string;
  /** When they were changed last; undefined when there are none. */
  readonly changedAt: string | undefined;
  /** What a change brings with it. */
  readonly consequences: string;
  readonly asksFor: AskedSecret;
  readonly backHref: string;
}

/** The addresses that orders of this account must come from. */
export function staticIpsPage(view: StaticIpsView): string {
  const { notice } = view;
  return layout({
    view,
    title: "Static IPs",
    width: "card",
    notice,
    children: (
      <>
        <h1>Static IPs</h1>
        <p class="lead">Orders in your account are taken from these addresses only.</p>
        <p>{view.consequences}</p>
        <p class="hint">
          {view.changedAt === undefined ? "None is registered yet." : `Changed last on ${view.changedAt}.`}
        </p>
        <NoticeLine notice={notice} />
        <PostForm action={view.action} csrf={view.csrf}>
          <Kept
            field={{
              name: "primary_ip",
              label: "Primary address",
              hint: "IPv4 or IPv6, such as 203.0.113.7",
              value: view.primary,
              kind: "address",
            }}
            notice={notice}
            first
          />
          <Kept
            field={{
              name: "secondary_ip",
              label: "Secondary address",
              hint: "If you have one",
              value: view.secondary,
              kind: "address",
            }}
            notice={notice}
            first={false}
          />
          <SecretField asksFor={view.asksFor} brokerName={view.brokerName} notice={notice} />
          <button type="submit" class="primary">
            Save the addresses
          </button>
        </PostForm>
        <BackLink href={view.backHref}>Back to your account</BackLink>
      </>
    ),
  });
}
