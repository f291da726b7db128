/** "Forgot password": client code and PAN, a code, the new password twice. */
import type { FlowView } from "../page-view.ts";
import { newSecretStep, recoveryProofStep } from "../recovery-steps.tsx";
import { ClientCodeField } from "./client-code-field.tsx";

/** Recovery 1 of 3: whose password. A `notice` may name the field `pan`. */
export function recoveryAccountStep(view: FlowView): string {
  return recoveryProofStep(view, "password", <ClientCodeField view={view} />);
}

/** Recovery 3 of 3: the new password, twice. A `notice` may name the field `password` or `password_again`. */
export function newPasswordStep(view: FlowView): string {
  return newSecretStep(view, {
    secret: "password",
    advice: "At least 8 characters. The longer it is, the harder it is to guess.",
    label: "New password",
    id: "password",
    field: "password",
    input: { type: "password", autocomplete: "new-password", minlength: 8, maxlength: 128 },
  });
}
