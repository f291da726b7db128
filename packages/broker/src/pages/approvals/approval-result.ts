import { displayName } from "../display-text.ts";
import { messagePage, type Tone } from "../message-page.tsx";
import type { PageView } from "../page-view.ts";

/** `lapsed`: nobody decided in time (S-52). */
export type ApprovalOutcome = "approved" | "rejected" | "lapsed";

export interface ApprovalResultView extends PageView {
  readonly clientName: string;
  readonly outcome: ApprovalOutcome;
  /** When the access ends; shown for `approved`. */
  readonly endsAt: string;
  readonly backHref: string;
}

interface ResultText {
  readonly title: string;
  readonly tone: Tone;
  readonly text: (client: string, endsAt: string) => string;
}

const results: Readonly<Record<ApprovalOutcome, ResultText>> = {
  approved: {
    title: "Access allowed",
    tone: "success",
    text: (client, endsAt) => `${client} has access ${endsAt}. It gets its token now; you can close this page.`,
  },
  rejected: {
    title: "Request rejected",
    tone: "info",
    text: (client) =>
      `${client} got no access and is not told why. If you did not start this request, somebody may know the app's secret: change it.`,
  },
  lapsed: {
    title: "This request has ended",
    tone: "warning",
    text: (client) =>
      `Nobody decided in time, so ${client} got no access. Start it again from the app if you still want it.`,
  },
};

/** What became of an approval request. */
export function approvalResultPage(view: ApprovalResultView): string {
  const { title, tone, text } = results[view.outcome];
  return messagePage({
    brokerName: view.brokerName,
    assetHref: view.assetHref,
    iconHref: view.iconHref,
    demo: view.demo,
    title,
    tone,
    text: text(displayName(view.clientName), view.endsAt),
    actionHref: view.backHref,
    actionLabel: "Back to approvals",
  });
}
