import { layout } from "../layout.tsx";
import { Name } from "../names.tsx";
import type { PageView } from "../page-view.ts";
import { safeHref } from "../safe-href.ts";
import { BackLink } from "./back-link.tsx";

export interface ActivityEntry {
  /** When, as ready text. */
  readonly at: string;
  readonly text: string;
  /** The app it was about, untrusted (S-56). */
  readonly clientName?: string | undefined;
  /** Worth a second look. */
  readonly isWarning: boolean;
}

export interface ActivityView extends PageView {
  /** Newest first. */
  readonly entries: readonly ActivityEntry[];
  /** From 1. */
  readonly page: number;
  readonly newerHref?: string | undefined;
  readonly olderHref?: string | undefined;
  readonly backHref: string;
}

/** What happened to the account. */
export function activityPage(view: ActivityView): string {
  const title = view.page > 1 ? `Activity, page ${view.page}` : "Activity";
  return layout({
    view,
    title,
    width: "card",
    children: (
      <>
        <h1>{title}</h1>
        <p class="lead">Something you did not do? Change your {view.brokerName} login, and end it under Sessions.</p>
        {view.entries.length === 0 ? (
          <p class="empty">There is nothing more.</p>
        ) : (
          <ol class="rows">
            {view.entries.map((entry, index) => (
              <li key={index}>
                <div>
                  <p class={entry.isWarning ? "warned" : undefined}>{entry.text}</p>
                  <p class="hint">
                    {entry.clientName !== undefined && (
                      <>
                        <Name>{entry.clientName}</Name>,{" "}
                      </>
                    )}
                    {entry.at}
                  </p>
                </div>
              </li>
            ))}
          </ol>
        )}
        {(view.newerHref !== undefined || view.olderHref !== undefined) && (
          <nav class="pager" aria-label="Pages">
            {view.newerHref !== undefined && (
              <a class="button secondary" href={safeHref(view.newerHref)} rel="prev">
                Newer
              </a>
            )}
            {view.olderHref !== undefined && (
              <a class="button secondary" href={safeHref(view.olderHref)} rel="next">
                Older
              </a>
            )}
          </nav>
        )}
        <BackLink href={view.backHref}>Back to your account</BackLink>
      </>
    ),
  });
}
