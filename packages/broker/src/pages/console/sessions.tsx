import { NoticeLine, PostForm } from "../form-parts.tsx";
import { layout } from "../layout.tsx";
import { Name } from "../names.tsx";
import type { FormView } from "../page-view.ts";
import { BackLink } from "./back-link.tsx";

/** From when until when, as ready text. */
interface Span {
  readonly key: string;
  readonly since: string;
  readonly until: string;
}

export interface SessionsView extends FormView {
  readonly apps: readonly {
    /** Untrusted (S-56). */
    readonly name: string;
    /** Newest first. `readOnly`: the token that lives for a year and can only look. */
    readonly tokens: readonly (Span & { readonly readOnly: boolean })[];
  }[];
  readonly browsers: readonly (Span & { readonly isThis: boolean })[];
  readonly backHref: string;
}

/** Who has access now: apps by their tokens, and signed-in browsers. */
export function sessionsPage(view: SessionsView): string {
  return layout({
    view,
    title: "Sessions",
    width: "card",
    notice: view.notice,
    children: (
      <>
        <h1>Sessions</h1>
        <p class="lead">Everything that has access to your account now. Ending it works at once.</p>
        <NoticeLine notice={view.notice} />
        <PostForm action={view.action} csrf={view.csrf}>
          {view.apps.length === 0 && <p class="empty">No app has access to your account.</p>}
          {view.apps.map((app, index) => (
            <section key={index} class="panel" aria-labelledby={`app${index}`}>
              <h2 id={`app${index}`}>
                <Name>{app.name}</Name>
              </h2>
              <ul class="rows">
                {app.tokens.map((token) => (
                  <Row
                    key={token.key}
                    span={token}
                    name="token"
                    title={token.readOnly ? "Read-only access" : "Full access"}
                    labelledBy={`app${index}`}
                  />
                ))}
              </ul>
            </section>
          ))}
          <section class="panel" aria-labelledby="browsers">
            <h2 id="browsers">Browsers signed in here</h2>
            <ul class="rows">
              {view.browsers.map((browser) => (
                <Row
                  key={browser.key}
                  span={browser}
                  {...(browser.isThis ? {} : { name: "browser" })}
                  title={browser.isThis ? "This browser" : "Another browser"}
                  labelledBy="browsers"
                />
              ))}
            </ul>
          </section>
        </PostForm>
        <BackLink href={view.backHref}>Back to your account</BackLink>
      </>
    ),
  });
}

/** One session. @param name of the button that ends it; without one there is none */
function Row(props: { span: Span; name?: "token" | "browser"; title: string; labelledBy: string }) {
  const { span, name, title, labelledBy } = props;
  return (
    <li>
      <div>
        <p>{title}</p>
        <p class="hint">Since {span.since},</p>
        <p class="hint">until {span.until}</p>
      </div>
      {name && (
        <button type="submit" class="secondary" name={name} value={span.key} aria-describedby={labelledBy}>
          End
        </button>
      )}
    </li>
  );
}
