import type { Route, Schema } from "@kunji/contract";
import { layout } from "../layout.tsx";
import type { PageView } from "../page-view.ts";
import { safeHref } from "../safe-href.ts";
import type { ErrorCatalogue } from "./errors-by-status.ts";
import { FieldTable } from "./field-table.tsx";
import { Operation } from "./operation.tsx";
import { schemaFields } from "./schema-fields.ts";

/** One broker's API. */
export interface ApiDialect {
  /** Starts the anchors, such as "upstox": letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  readonly routes: readonly Route[];
  readonly errors: ErrorCatalogue;
  /** The body that every error has. */
  readonly errorSchema: Schema;
}

export interface ApiReferenceView extends PageView {
  readonly baseUrl: string;
  readonly dialects: readonly ApiDialect[];
  readonly openApiHref?: string | undefined;
  readonly homeHref: string;
}

/** `/docs`: the contract, printed for people. The same data makes the OpenAPI document. */
export function apiReferencePage(view: ApiReferenceView): string {
  return layout({
    view,
    title: "API reference",
    width: "wide",
    children: (
      <>
        <h1>API reference</h1>
        <p class="lead">
          Everything this broker answers at <code>{view.baseUrl}</code>, with its fields and errors.
        </p>
        <p class="link-row">
          {view.openApiHref && <a href={safeHref(view.openApiHref)}>OpenAPI document</a>}
          <a href={safeHref(view.homeHref)}>Start page</a>
        </p>
        <Contents dialects={view.dialects} />
        {view.dialects.map((dialect) => (
          <DialectSection key={dialect.id} dialect={dialect} />
        ))}
      </>
    ),
  });
}

function Contents({ dialects }: { dialects: readonly ApiDialect[] }) {
  return (
    <nav class="contents" aria-label="Contents">
      {dialects.map((dialect) => (
        <ul key={dialect.id}>
          {dialect.routes.map((route) => (
            <li key={route.id}>
              <a href={`#${dialect.id}-${route.id}`}>{route.summary}</a>
              <code>
                {route.method} {route.path}
              </code>
            </li>
          ))}
          <li>
            <a href={`#${dialect.id}-errors`}>{dialect.title} error codes</a>
          </li>
        </ul>
      ))}
    </nav>
  );
}

function DialectSection({ dialect }: { dialect: ApiDialect }) {
  return (
    <section aria-labelledby={dialect.id}>
      <h2 id={dialect.id}>{dialect.title}</h2>
      {dialect.routes.map((route) => (
        <Operation key={route.id} route={route} dialect={dialect} />
      ))}
      <h3 id={`${dialect.id}-errors`} class="errors">
        {dialect.title} error codes
      </h3>
      <FieldTable caption="Body of every error" fields={schemaFields(dialect.errorSchema)} />
      <table class="stacking">
        <thead>
          <tr>
            <th scope="col">Code</th>
            <th scope="col">Status</th>
            <th scope="col">Text</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(dialect.errors).map(([code, { status, message }]) => (
            <tr key={code} id={`${dialect.id}-${code}`}>
              <th scope="row">
                <code>{code}</code>
              </th>
              <td class="short">{status}</td>
              <td>{message}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
