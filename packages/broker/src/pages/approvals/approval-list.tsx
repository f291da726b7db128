import { layout } from "../layout.tsx";
import { Name } from "../names.tsx";
import type { PageView } from "../page-view.ts";
import { safeHref } from "../safe-href.ts";

export interface PendingApproval {
  readonly href: string;
  readonly clientName: string;
  readonly requestedAt: string;
  readonly expiresAt: string;
}

export interface ApprovalListView extends PageView {
  /** Newest first. */
  readonly requests: readonly PendingApproval[];
  readonly homeHref: string;
}

/** The requests that wait for the signed-in person. */
export function approvalListPage(view: ApprovalListView): string {
  return layout({
    view,
    title: "Approvals",
    width: "card",
    children: (
      <>
        <h1>Approvals</h1>
        {view.requests.length === 0 ? (
          <p class="empty">Nothing waits for you. When an app asks for access, its request appears here.</p>
        ) : (
          <ul class="link-list">
            {view.requests.map((request) => (
              <li key={request.href}>
                <a href={safeHref(request.href)}>
                  <Name>{request.clientName}</Name>
                </a>
                <span class="hint">
                  Asked {request.requestedAt}. Decide before {request.expiresAt}.
                </span>
              </li>
            ))}
          </ul>
        )}
        <p class="asides">
          <a class="quiet" href={safeHref(view.homeHref)}>
            Back to your account
          </a>
        </p>
      </>
    ),
  });
}
