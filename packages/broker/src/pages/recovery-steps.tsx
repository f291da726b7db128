/** What "Forgot PIN?" and "Forgot password?" share: proof, a code, the new one twice. They are also what unlocks an account. */
import type { ComponentChildren, InputHTMLAttributes } from "preact";
import { Field } from "./form-parts.tsx";
import type { FlowView } from "./page-view.ts";
import { CodeField, PanField, stepPage } from "./step-page.tsx";

/** Recovery 1 of 3: the PAN. @param before what is asked first, where the account is not known yet */
export function recoveryProofStep(view: FlowView, secret: "PIN" | "password", before?: ComponentChildren): string {
  return stepPage({
    view,
    step: 1,
    title: `Set a new ${secret}`,
    lead: <p class="lead">First, show that the account is yours. Then we send you a code.</p>,
    fields: (
      <>
        {before}
        <PanField view={view} first={before === undefined} />
      </>
    ),
    button: { label: "Continue" },
  });
}

/** Recovery 2 of 3: the code. The page is the same when the PAN did not match (S-43). */
export function recoveryCodeStep(view: FlowView): string {
  return stepPage({
    view,
    step: 2,
    title: "Enter the code we sent",
    lead: <p class="lead">If the PAN matches your account, a code is on its way to your mobile and your e-mail.</p>,
    fields: <CodeField view={view} />,
    button: { label: "Continue", id: "continueBtn" },
    otherWay: { decision: "resend", label: "No code yet? Send again" },
  });
}

export interface NewSecretWords {
  readonly secret: "PIN" | "password";
  /** What makes a good one. */
  readonly advice: string;
  readonly label: string;
  /** The element's id; the second field's has `Again` behind it. */
  readonly id: string;
  readonly field: "pin" | "password";
  readonly input: InputHTMLAttributes<HTMLInputElement>;
}

/** Recovery 3 of 3: the new PIN or password, twice. A `notice` may name the field or the one with `_again` behind it. */
export function newSecretStep(view: FlowView, words: NewSecretWords): string {
  const { secret, advice, label, id, field, input } = words;
  return stepPage({
    view,
    step: 3,
    title: `Choose a new ${secret}`,
    lead: <p class="lead">{advice}</p>,
    fields: (
      <>
        <Field id={id} name={field} label={label} notice={view.notice} first input={input} />
        <Field
          id={`${id}Again`}
          name={`${field}_again`}
          label={`New ${secret} again`}
          notice={view.notice}
          input={input}
        />
      </>
    ),
    button: { label: `Save new ${secret}` },
  });
}
