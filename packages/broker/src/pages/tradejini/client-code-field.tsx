import { Field } from "../form-parts.tsx";
import type { FlowView } from "../page-view.ts";

/** The first field of a page: which account. */
export function ClientCodeField({ view }: { view: FlowView }) {
  return (
    <Field
      id="clientCode"
      name="client_code"
      label="Client code"
      hint={`The user id of your ${view.brokerName} account, not your mobile number`}
      notice={view.notice}
      first
      input={{
        type: "text",
        class: "upper",
        autocomplete: "username",
        autocapitalize: "characters",
        spellcheck: false,
        maxlength: 16,
        pattern: " *[A-Za-z0-9]{3,16} *",
        title: "3 to 16 letters and digits",
      }}
    />
  );
}
