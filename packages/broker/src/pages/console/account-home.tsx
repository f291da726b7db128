import { NoticeLine, PostForm } from "../form-parts.tsx";
import { layout } from "../layout.tsx";
import { Name } from "../names.tsx";
import type { Notice, PageView } from "../page-view.ts";
import { safeHref } from "../safe-href.ts";

export interface AccountHomeView extends PageView {
  readonly csrf: string;
  readonly notice?: Notice | undefined;
  readonly accountName: string;
  readonly userId: string;
  /** Whether codes come from an authenticator app; `href` leads to switching it on or off. */
  readonly totp: { readonly enabled: boolean; readonly href: string };
  /** Absent where the broker has no push approval. */
  readonly approvals?: { readonly pending: number; readonly href: string } | undefined;
  /** Absent where apps cannot place orders through a login. */
  readonly ordersHref?: string | undefined;
  readonly signOutAction: string;
}

/** What a signed-in person finds at the console's front door. */
export function accountHomePage(view: AccountHomeView): string {
  return layout({
    view,
    title: "Your account",
    width: "card",
    notice: view.notice,
    children: (
      <>
        <h1>Your account</h1>
        <p class="lead">
          <Name>{view.accountName}</Name>, {view.brokerName} user <code>{view.userId}</code>
        </p>
        <NoticeLine notice={view.notice} />
        {view.approvals && <Approvals {...view.approvals} />}
        {view.ordersHref !== undefined && (
          <section class="panel" aria-labelledby="orders">
            <h2 id="orders">Orders</h2>
            <p>What apps placed in your account today, after you approved it.</p>
            <a class="button secondary" href={safeHref(view.ordersHref)}>
              Look at the orders
            </a>
          </section>
        )}
        <section class="panel" aria-labelledby="totp">
          <h2 id="totp">
            Authenticator app
            <span class={view.totp.enabled ? "badge on" : "badge"}>{view.totp.enabled ? "On" : "Off"}</span>
          </h2>
          <p>
            {view.totp.enabled
              ? "When you log in, you type the code your authenticator app shows."
              : "When you log in, we send you a code by SMS. An authenticator app works without a network and is harder to steal from."}
          </p>
          <a class="button secondary" href={safeHref(view.totp.href)}>
            {view.totp.enabled ? "Turn it off" : "Set it up"}
          </a>
        </section>
        <PostForm action={view.signOutAction} csrf={view.csrf} className="aside">
          <button type="submit" class="quiet">
            Sign out
          </button>
        </PostForm>
      </>
    ),
  });
}

function Approvals({ pending, href }: { pending: number; href: string }) {
  return (
    <section class="panel" aria-labelledby="approvals">
      <h2 id="approvals">Approvals {pending > 0 && <span class="badge">{pending} waiting</span>}</h2>
      <p>
        {pending > 0
          ? "An app asks for access to your account. Look before you decide."
          : "No app asks for access at the moment."}
      </p>
      <a class={pending > 0 ? "button primary" : "button secondary"} href={safeHref(href)}>
        {pending > 0 ? "Look at the requests" : "Open approvals"}
      </a>
    </section>
  );
}
