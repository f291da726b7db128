/** "Forgot PIN": PAN, a code, and the new PIN twice (protocol/upstox.md 2.5). */
import { pinInput } from "../form-parts.tsx";
import type { FlowView } from "../page-view.ts";
import { newSecretStep, recoveryProofStep } from "../recovery-steps.tsx";

/** Recovery 1 of 3: the PAN. */
export function recoveryPanStep(view: FlowView): string {
  return recoveryProofStep(view, "PIN");
}

/** Recovery 3 of 3: the new PIN, twice. A `notice` may name the field `pin` or `pin_again`. */
export function recoveryNewPinStep(view: FlowView): string {
  return newSecretStep(view, {
    secret: "PIN",
    advice: "Pick one that others cannot guess: no birthday, no 123456.",
    label: "New 6-digit PIN",
    id: "newPin",
    field: "pin",
    // The browser may keep the old PIN from being filled in, hence `new-password`.
    input: { ...pinInput, autocomplete: "new-password" },
  });
}
