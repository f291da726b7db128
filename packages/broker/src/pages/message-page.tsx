import { layout } from "./layout.tsx";
import type { PageView } from "./page-view.ts";
import { safeHref } from "./safe-href.ts";

export type Tone = "info" | "success" | "warning" | "error";

export interface MessageView extends PageView {
  readonly title: string;
  /** What happened and what to do next: one paragraph, or several. */
  readonly text: string | readonly string[];
  readonly tone: Tone;
  readonly actionHref?: string | undefined;
  readonly actionLabel?: string | undefined;
  /** Shown small, so that a person can quote it when asking for help. */
  readonly requestId?: string | undefined;
}

/** A page that only says something: locked, ended, expired, replaced, done. */
export function messagePage(view: MessageView): string {
  return layout({
    view,
    title: view.title,
    width: "card",
    children: (
      <>
        <ToneMark tone={view.tone} />
        <h1>{view.title}</h1>
        {[view.text].flat().map((paragraph) => (
          <p key={paragraph} class="lead">
            {paragraph}
          </p>
        ))}
        {view.actionHref && view.actionLabel && (
          <a class="button primary" href={safeHref(view.actionHref)}>
            {view.actionLabel}
          </a>
        )}
        {view.requestId && (
          <p class="reference">
            Reference <code>{view.requestId}</code>
          </p>
        )}
      </>
    ),
  });
}

/** The title says it in words; this is decoration. */
function ToneMark({ tone }: { tone: Tone }) {
  return (
    <svg class={`tone ${tone}`} viewBox="0 0 40 40" width="40" height="40" aria-hidden="true" focusable="false">
      <circle class="tone-ground" cx="20" cy="20" r="20" />
      <path class="tone-mark" d={toneMarks[tone]} />
    </svg>
  );
}

const toneMarks: Readonly<Record<Tone, string>> = {
  info: "M20 18.5v9.5M20 12.5v.2",
  success: "m12.5 20.5 5.2 5.2 10-11",
  warning: "M20 11.5v10.5M20 27.5v.2",
  error: "m14 14 12 12M26 14 14 26",
};
