import { displayName } from "../display-text.ts";
import { NoticeLine } from "../form-parts.tsx";
import { layout } from "../layout.tsx";
import { Name } from "../names.tsx";
import type { Notice, PageView } from "../page-view.ts";
import { safeHref } from "../safe-href.ts";
import { type AppStatus, StatusBadge } from "./app-list.tsx";
import { BackLink } from "./back-link.tsx";

/** One thing about an app, and where it is changed. */
export interface AppPanel {
  readonly id: string;
  readonly title: string;
  /** What is set, such as URLs; untrusted. */
  readonly values?: readonly string[] | undefined;
  readonly text?: string | undefined;
  readonly link: { readonly href: string; readonly label: string };
}

export interface AppPageView extends PageView {
  readonly notice?: Notice | undefined;
  /** Untrusted (S-56). */
  readonly name: string;
  readonly clientId: string;
  readonly status: AppStatus;
  /** How it gets tokens, in words. */
  readonly flows: string;
  /** Who may log in through it. */
  readonly audience: string;
  readonly panels: readonly AppPanel[];
  readonly backHref: string;
}

/** One app: what it is, and everything its owner can change. */
export function appPage(view: AppPageView): string {
  return layout({
    view,
    title: displayName(view.name),
    width: "card",
    notice: view.notice,
    children: (
      <>
        <h1>
          <Name>{view.name}</Name> <StatusBadge status={view.status} />
        </h1>
        <NoticeLine notice={view.notice} />
        <section class="consent" aria-label="About the app">
          <dl class="facts plain">
            <dt>API key</dt>
            <dd>
              <code>{view.clientId}</code>
            </dd>
            <dt>Who may log in through it</dt>
            <dd>{view.audience}</dd>
            <dt>Gets tokens by</dt>
            <dd>{view.flows}</dd>
          </dl>
        </section>
        {view.panels.map((panel) => (
          <Panel key={panel.id} panel={panel} />
        ))}
        <BackLink href={view.backHref}>Back to your apps</BackLink>
      </>
    ),
  });
}

function Panel({ panel }: { panel: AppPanel }) {
  const { id, title, values = [], text, link } = panel;
  return (
    <section class="panel" aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id}>{title}</h2>
        <a class="quiet" href={safeHref(link.href)} aria-describedby={id}>
          {link.label}
        </a>
      </div>
      {values.length > 0 && (
        <ul class="values">
          {values.map((value) => (
            <li key={value}>
              <code>{value}</code>
            </li>
          ))}
        </ul>
      )}
      {text !== undefined && <p>{text}</p>}
    </section>
  );
}
