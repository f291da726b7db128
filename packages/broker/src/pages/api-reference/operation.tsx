import type { Route, Schema } from "@kunji/contract";
import type { ApiDialect } from "./api-reference-page.tsx";
import { type SchemaField, schemaFields, typeText } from "./schema-fields.ts";

const authTexts: Readonly<Record<Route["auth"], string>> = {
  none: "Needs no token.",
  bearer: "Needs an access token: Authorization: Bearer <token>.",
  secret: "Needs the app's secret in the body.",
};

/** One operation: what to send, what comes back, what can go wrong. */
export function Operation({ route, dialect }: { route: Route; dialect: ApiDialect }) {
  const anchor = `${dialect.id}-${route.id}`;
  return (
    <section class="operation" aria-labelledby={anchor}>
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
      {Object.entries(route.responses).map(([status, response]) => (
        <Response key={status} status={status} description={response.description} schema={response.schema} />
      ))}
      <Errors codes={route.errors} dialect={dialect} />
    </section>
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

function FieldTable({ caption, fields }: { caption: string; fields: readonly SchemaField[] }) {
  if (fields.length === 0) return null;
  return (
    <table class="fields">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Meaning</th>
        </tr>
      </thead>
      <tbody>
        {fields.map((field) => (
          <tr key={field.path}>
            <th scope="row">
              <code>{field.path}</code>
              <span class="field-type">
                {field.type}
                {field.required && <strong> required</strong>}
              </span>
            </th>
            <td>{field.description}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
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

function Errors({ codes, dialect }: { codes: readonly string[]; dialect: ApiDialect }) {
  if (codes.length === 0) return null;
  return (
    <details class="response">
      <summary>
        <strong>Errors</strong> {codes.length === 1 ? "1 code" : `${codes.length} codes`}
      </summary>
      <ul class="error-list">
        {codes.map((code) => {
          const error = dialect.errors[code];
          return (
            <li key={code}>
              <a href={`#${dialect.id}-${code}`}>
                <code>{code}</code>
              </a>{" "}
              {error && `${error.status}: ${error.message}`}
            </li>
          );
        })}
      </ul>
    </details>
  );
}
