import { layout } from "./layout.tsx";
import type { PageView } from "./page-view.ts";
import { safeHref } from "./safe-href.ts";

export interface StartView extends PageView {
  /** Where this broker answers, such as "http://127.0.0.1:8080". */
  readonly baseUrl: string;
  /** Names of the brokers it speaks like. */
  readonly dialects: readonly string[];
  /** In reading order. */
  readonly links: readonly StartLink[];
}

export interface StartLink {
  readonly href: string;
  readonly label: string;
  readonly text: string;
}

/** `/`: for a developer who opens the broker's address to see what it is. */
export function startPage(view: StartView): string {
  return layout({
    view,
    title: "Broker",
    width: "wide",
    children: (
      <>
        <h1>This is a Kunji broker</h1>
        <p class="lead">
          It logs people in and hands out access tokens the way {view.dialects.join(" and ")}{" "}
          {view.dialects.length > 1 ? "do" : "does"}: same paths, same fields, same errors. Point your code at this
          address:
        </p>
        <p class="base-url">
          <code>{view.baseUrl}</code>
        </p>
        <ul class="tiles">
          {view.links.map((link) => (
            <li key={link.href}>
              <a href={safeHref(link.href)}>{link.label}</a>
              <span>{link.text}</span>
            </li>
          ))}
        </ul>
      </>
    ),
  });
}
