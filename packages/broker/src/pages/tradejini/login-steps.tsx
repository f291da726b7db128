/** The first two steps of the Tradejini login. Field names are design.md section 5's. */
import { Purpose } from "../flow-parts.tsx";
import { codeInput, Field } from "../form-parts.tsx";
import type { FlowView } from "../page-view.ts";
import { stepPage } from "../step-page.tsx";
import { ClientCodeField } from "./client-code-field.tsx";

export type PasswordStepView = FlowView;

export interface TwoFaStepView extends FlowView {
  /** Which kind of code is chosen when the page opens: an SMS once one was asked for. */
  readonly chosen: "otp" | "totp";
}

/** Step 1: which account, and its password. */
export function passwordStep(view: PasswordStepView): string {
  return stepPage({
    view,
    step: 1,
    title: `Log in with your ${view.brokerName} account`,
    lead: <Purpose view={view} />,
    fields: (
      <>
        <ClientCodeField view={view} />
        <Field
          id="password"
          name="password"
          label="Password or CubePlus PIN"
          notice={view.notice}
          input={{ type: "password", autocomplete: "current-password", maxlength: 128 }}
        />
      </>
    ),
    button: { label: "Continue", id: "continueBtn" },
    otherWay: { decision: "forgot_password", label: "Forgot password?" },
  });
}

/** Step 2: the second factor. The page is the same whether or not the person has an authenticator app (S-43). */
export function twoFaStep(view: TwoFaStepView): string {
  return stepPage({
    view,
    step: 2,
    title: "Enter your code",
    lead: <p class="lead">Use the code your authenticator app shows, or ask for one by SMS below.</p>,
    fields: (
      <>
        <Field id="twoFa" name="two_fa" label="6-digit code" notice={view.notice} first input={codeInput} />
        <fieldset class="switch">
          <legend>Where is the code from?</legend>
          <Kind id="twoFaTotp" value="totp" label="Authenticator app" chosen={view.chosen} />
          <Kind id="twoFaOtp" value="otp" label="SMS" chosen={view.chosen} />
        </fieldset>
      </>
    ),
    button: { label: "Continue", id: "continueBtn" },
    otherWay: {
      decision: "send_otp",
      label: view.chosen === "otp" ? "No SMS yet? Send again" : "Send me a code by SMS",
    },
  });
}

function Kind(props: { id: string; value: "otp" | "totp"; label: string; chosen: "otp" | "totp" }) {
  return (
    <span class="switch-choice">
      <input type="radio" id={props.id} name="two_fa_type" value={props.value} checked={props.value === props.chosen} />
      <label for={props.id}>{props.label}</label>
    </span>
  );
}
