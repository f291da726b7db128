import type { SchemaField } from "./schema-fields.ts";

/** Fields with type and meaning; nothing for an empty list. */
export function FieldTable({ caption, fields }: { caption: string; fields: readonly SchemaField[] }) {
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
