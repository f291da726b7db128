import { layout } from "../layout.tsx";
import { Name } from "../names.tsx";
import type { PageView } from "../page-view.ts";
import { safeHref } from "../safe-href.ts";

export interface NewSecretView extends PageView {
  readonly secret: string;
  readonly kind: "api" | "signing";
  /** The app's name, untrusted (S-56). */
  readonly about: string;
  readonly appHref: string;
}

/** A new secret, this once (S-20). */
export function newSecretPage(view: NewSecretView): string {
  const title = view.kind === "api" ? "Your new API secret" : "Your new signing secret";
  return layout({
    view,
    title,
    width: "card",
    children: (
      <>
        <h1>{title}</h1>
        <p class="lead">
          Of <Name>{view.about}</Name>
        </p>
        <p class="notice demo">Copy it now. It is not kept here in a readable form, and no page shows it again.</p>
        <section class="panel" aria-label="The secret">
          <p class="secret">
            <code id="newSecret">{view.secret}</code>
          </p>
          <p class="hint">Keep it like a password: out of the source code, and out of every app that people install.</p>
        </section>
        <a class="button primary" href={safeHref(view.appHref)}>
          I have copied it
        </a>
      </>
    ),
  });
}
