import type { ComponentChildren } from "preact";
import { renderToString } from "preact-render-to-string";
import { Logo } from "./logo.tsx";
import type { Notice, PageView } from "./page-view.ts";
import { safeHref } from "./safe-href.ts";

export interface LayoutProps {
  readonly view: PageView;
  readonly title: string;
  /** `card`: one centred card, for a flow. `wide`: a document, for things to read. */
  readonly width: "card" | "wide";
  /** Makes the title start with "Error:", which a screen reader says first after a failed step. */
  readonly notice?: Notice | undefined;
  readonly children: ComponentChildren;
}

/**
 * A full HTML document around the given content. Text and attribute values are escaped by the renderer (S-56). There is
 * no inline script or style and nothing from another origin, so the policy of S-53 fits as it stands.
 */
export function layout({ view, title, width, notice, children }: LayoutProps): string {
  const fullTitle = `${notice?.kind === "error" ? "Error: " : ""}${title} - Kunji`;
  const document = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>{fullTitle}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <link rel="stylesheet" href={view.assetHref} />
        {view.iconHref && <link rel="icon" type="image/svg+xml" href={view.iconHref} />}
        {view.scriptHref && <script defer src={view.scriptHref} />}
      </head>
      <body class={width}>
        <header class="site-header">
          {view.demo && <DemoBanner inboxHref={view.demo.inboxHref} />}
          <p class="brand">
            <Logo />
            <span>Kunji</span>
          </p>
        </header>
        <main>{children}</main>
        <footer class="site-footer">
          <p>
            Served by Kunji.
            {width === "card" &&
              " Check the address bar before you type a code or a PIN, and never tell either to anyone."}
          </p>
        </footer>
      </body>
    </html>
  );
  return `<!doctype html>${renderToString(document)}`;
}

function DemoBanner({ inboxHref }: { inboxHref: string }) {
  return (
    <p class="demo-banner">
      <strong>Demo mode.</strong> Made-up accounts, no real money. Codes arrive in{" "}
      <a href={safeHref(inboxHref)} target="_blank" rel="noopener">
        the inbox
      </a>
      .
    </p>
  );
}
