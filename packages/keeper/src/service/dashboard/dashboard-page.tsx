import type { ComponentChildren } from "preact";
import { renderToString } from "preact-render-to-string";
import { isReady } from "../keeper-for-service.ts";
import { AccountCard, type CardView } from "./account-card.tsx";
import type { DashboardAssets } from "./dashboard-assets.ts";
import { Logo } from "./logo.tsx";
import { istMoment } from "./time-text.ts";

export interface DashboardView {
  readonly cards: readonly CardView[];
  /** Start of the next scheduled logins, epoch milliseconds; undefined when nothing is scheduled. */
  readonly nextLoginAt: number | undefined;
  readonly csrf: string;
  /** Where the API answers, for whoever writes a bot. */
  readonly socket: string | undefined;
}

/** The page as a whole. */
export function dashboardPage(view: DashboardView, assets: DashboardAssets): string {
  return page(
    { title: "Accounts", assets, width: "wide", live: true },
    <>
      <p id="away" class="notice error" role="alert" hidden>
        The keeper does not answer. What you see may be old.
      </p>
      <div id="accounts">
        <Accounts {...view} />
      </div>
      <section class="notes" aria-label="About this page">
        <p class="hint">
          <span id="live" class="live" hidden>
            This page keeps itself up to date.
          </span>{" "}
          <a href="/">Refresh</a>
        </p>
        {view.socket !== undefined && (
          <p class="hint">
            Programs get their tokens from <code>{view.socket}</code>
          </p>
        )}
        <form method="post" action="/leave">
          <input type="hidden" name="csrf" value={view.csrf} />
          <button class="quiet" type="submit">
            Leave this dashboard
          </button>
        </form>
      </section>
    </>,
  );
}

/** The part that changes: what the script puts in place of the old one. */
export function accountsPart(view: DashboardView): string {
  return renderToString(<Accounts {...view} />);
}

function Accounts({ cards, nextLoginAt, csrf }: DashboardView) {
  const ready = cards.filter(({ account }) => isReady(account)).length;
  return (
    <>
      <h1>Accounts</h1>
      <p class="lead" role="status">
        {cards.length === 0 ? "No account yet." : `${ready} of ${cards.length} ready.`}
        {cards.length > 0 && nextLoginAt !== undefined && (
          <span>
            {" "}
            Next scheduled login {istMoment(nextLoginAt / 1000)}. Market holidays are not known, so it asks on those
            too.
          </span>
        )}
      </p>
      {cards.length === 0 ? (
        <p class="empty">
          Add one in a terminal: <code>kunji accounts add</code>
        </p>
      ) : (
        <ul class="cards">
          {cards.map((card) => (
            <AccountCard key={`${card.account.broker}/${card.account.account}`} {...card} csrf={csrf} />
          ))}
        </ul>
      )}
    </>
  );
}

/** A page that says one thing. */
export function messagePage(
  message: { readonly title: string; readonly text: string; readonly command?: string; readonly link?: Link },
  assets: DashboardAssets,
): string {
  const { title, text, command, link } = message;
  return page(
    { title, assets, width: "card" },
    <>
      <h1>{title}</h1>
      <p>{text}</p>
      {command !== undefined && (
        <p class="command">
          <code>{command}</code>
        </p>
      )}
      {link && (
        <a class="button secondary" href={link.href}>
          {link.text}
        </a>
      )}
    </>,
  );
}

interface Link {
  readonly href: string;
  readonly text: string;
}

/**
 * Leads on to the broker's login page. A page between, since Chromium applies `form-action` (S-53) to every redirect
 * after a form, and nobody knows where a broker's own pages redirect to.
 */
export function continuePage({ title, url }: { title: string; url: string }, assets: DashboardAssets): string {
  return page(
    { title: `Opening ${title}`, assets, width: "card", goTo: url },
    <>
      <h1>Opening {title}</h1>
      <p class="lead">The broker's own page opens now. Nothing you type there passes through Kunji.</p>
      <a class="button primary" href={url}>
        Continue to {title}
      </a>
    </>,
  );
}

interface PageProps {
  readonly title: string;
  readonly assets: DashboardAssets;
  readonly width: "card" | "wide";
  readonly live?: boolean;
  readonly goTo?: string;
}

/** A full HTML document; text and attributes are escaped by the renderer, nothing is inline (S-53, S-56). */
function page({ title, assets, width, live, goTo }: PageProps, children: ComponentChildren): string {
  const document = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>{`${title} - Kunji keeper`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        {goTo !== undefined && <meta http-equiv="refresh" content={`0;url=${goTo}`} />}
        <link rel="stylesheet" href={assets.href("dashboard.css")} />
        <link rel="icon" type="image/svg+xml" href={assets.href("icon.svg")} />
        {live && <script defer src={assets.href("dashboard.js")} />}
      </head>
      <body class={width}>
        <header>
          <p class="brand">
            <Logo />
            <span>Kunji keeper</span>
          </p>
        </header>
        <main>{children}</main>
        <footer class="site-footer">
          <p>Served by Kunji on this machine.</p>
        </footer>
      </body>
    </html>
  );
  return `<!doctype html>${renderToString(document)}`;
}
