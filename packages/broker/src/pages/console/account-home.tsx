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
  /** Apps the person registered. */
  readonly apps: { readonly count: number; readonly href: string };
  /** Absent where apps cannot place orders through a login. */
  readonly ordersHref?: string | undefined;
  /** Absent where the broker asks for no addresses. */
  readonly staticIpsHref?: string | undefined;
  readonly sessionsHref: string;
  readonly activityHref: string;
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
        <Places view={view} />
        <PostForm action={view.signOutAction} csrf={view.csrf} className="aside">
          <button type="submit" class="quiet">
            Sign out
          </button>
        </PostForm>
      </>
    ),
  });
}

/** Everything else one can look at or change. */
function Places({ view }: { view: AccountHomeView }) {
  const { apps, ordersHref, staticIpsHref, sessionsHref, activityHref } = view;
  const places = [
    ordersHref !== undefined && { href: ordersHref, label: "Orders", text: "What apps placed in your account today" },
    { href: sessionsHref, label: "Sessions", text: "Which apps and browsers have access now" },
    { href: activityHref, label: "Activity", text: "What happened to your account" },
    staticIpsHref !== undefined && { href: staticIpsHref, label: "Static IPs", text: "Where your orders come from" },
    { href: apps.href, label: "My apps", text: appsText(apps.count) },
  ];
  return (
    <ul class="link-list" aria-label="More">
      {places.map(
        (place) =>
          place && (
            <li key={place.href}>
              <a href={safeHref(place.href)}>{place.label}</a>
              <span class="hint">{place.text}</span>
            </li>
          ),
      )}
    </ul>
  );
}

function appsText(count: number): string {
  if (count === 0) return "For developers: none is registered in your name";
  return `For developers: ${count === 1 ? "one is" : `${count} are`} registered in your name`;
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
