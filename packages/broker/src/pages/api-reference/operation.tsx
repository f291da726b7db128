import type { Route, Schema } from "@kunji/contract";
import type { ApiDialect } from "./api-reference-page.tsx";
import { errorsByStatus, type StatusErrors } from "./errors-by-status.ts";
import { FieldTable } from "./field-table.tsx";
import { type SchemaField, schemaFields, typeText } from "./schema-fields.ts";

const authTexts: Readonly<Record<Route["auth"], string>> = {
  none: "Needs no token.",
  bearer: "Needs an access token: Authorization: Bearer <token>.",
  secret: "Needs the app's secret in the body.",
  "api-key": "Needs the app's API key: Authorization: Bearer <api_key>.",
};

/** One operation: what to send, what comes back, what can go wrong. */
export function Operation({ route, dialect }: { route: Route; dialect: ApiDialect }) {
  const anchor = `${dialect.id}-${route.id}`;
  return (
    <article class="operation" aria-labelledby={anchor}>
      <h3 id={anchor}>
        <a class="anchor" href={`#${anchor}`}>
          {route.summary}
        </a>
      </h3>
      <p class="endpoint">
        <span class={`method ${route.method.toLowerCase()}`}>{route.method}</span> <code>{route.path}</code>
      </p>
      {route.description && <p>{route.description}</p>}
      <p class="hint">{authTexts[route.auth]}</p>
      <FieldTable caption="Parameters" fields={parameterFields(route)} />
      {route.body && (
        <FieldTable caption={`Body, ${route.body.contentType}`} fields={schemaFields(route.body.schema)} />
      )}
      {Object.entries(route.responses)
        .filter(([status]) => Number(status) < 400)
        .map(([status, response]) => (
          <Response key={status} status={status} description={response.description} schema={response.schema} />
        ))}
      <Errors errors={errorsByStatus(route, dialect.errors)} dialectId={dialect.id} />
    </article>
  );
}

/** Where a parameter travels stands before its type: `query, string`. */
function parameterFields(route: Route): SchemaField[] {
  return route.parameters.map((parameter) => ({
    path: parameter.name,
    type: `${parameter.in}, ${typeText(parameter.schema)}`,
    required: parameter.required,
    description: parameter.description ?? parameter.schema.description ?? "",
  }));
}

function Response(props: { status: string; description: string; schema: Schema | undefined }) {
  const fields = props.schema === undefined ? [] : schemaFields(props.schema);
  const heading = (
    <>
      <strong>{props.status}</strong> {props.description}
    </>
  );
  if (fields.length === 0) return <p class="response">{heading}</p>;
  return (
    <details class="response">
      <summary>{heading}</summary>
      <FieldTable caption={`Fields of ${props.status}`} fields={fields} />
    </details>
  );
}

function Errors({ errors, dialectId }: { errors: readonly StatusErrors[]; dialectId: string }) {
  if (errors.length === 0) return null;
  return (
    <details class="response">
      <summary>
        <strong>Errors</strong> {errors.map((each) => each.status).join(", ")}
      </summary>
      <dl class="error-list">
        {errors.map(({ status, description, codes }) => (
          <div key={status}>
            <dt>
              <strong>{status}</strong> {description}
            </dt>
            {codes.map(({ code, message }) => (
              <dd key={code}>
                <a href={`#${dialectId}-${code}`}>
                  <code>{code}</code>
                </a>{" "}
                {message}
              </dd>
            ))}
          </div>
        ))}
      </dl>
    </details>
  );
}
