import { NoticeLine } from "../form-parts.tsx";
import { layout } from "../layout.tsx";
import { Name } from "../names.tsx";
import type { Notice, PageView } from "../page-view.ts";
import { safeHref } from "../safe-href.ts";
import { BackLink } from "./back-link.tsx";

/** Whether an app can be used, in a word or two. */
export interface AppStatus {
  readonly text: string;
  readonly isOn: boolean;
}

export interface ListedApp {
  readonly href: string;
  /** Untrusted (S-56). */
  readonly name: string;
  readonly clientId: string;
  readonly status: AppStatus;
  /** How it gets tokens, in words. */
  readonly flows: string;
}

export interface AppListView extends PageView {
  readonly notice?: Notice | undefined;
  /** By name. */
  readonly apps: readonly ListedApp[];
  readonly homeHref: string;
}

/** The apps that the signed-in person owns. */
export function appListPage(view: AppListView): string {
  return layout({
    view,
    title: "My apps",
    width: "card",
    notice: view.notice,
    children: (
      <>
        <h1>My apps</h1>
        <NoticeLine notice={view.notice} />
        {view.apps.length === 0 ? (
          <p class="empty">No app is registered in your name. Whoever runs this broker can register one.</p>
        ) : (
          <ul class="link-list">
            {view.apps.map((app) => (
              <li key={app.clientId}>
                <div>
                  <a href={safeHref(app.href)}>
                    <Name>{app.name}</Name>
                  </a>{" "}
                  <StatusBadge status={app.status} />
                </div>
                <span class="hint">
                  API key <code>{app.clientId}</code>
                </span>
                <span class="hint">Gets tokens by: {app.flows}</span>
              </li>
            ))}
          </ul>
        )}
        <BackLink href={view.homeHref}>Back to your account</BackLink>
      </>
    ),
  });
}

export function StatusBadge({ status }: { status: AppStatus }) {
  return <span class={status.isOn ? "badge on" : "badge"}>{status.text}</span>;
}
