/** The three steps of the Upstox login. Element ids are the vendor's (protocol/upstox.md 2.5), names are design.md section 5's. */
import { Consent, Purpose } from "../flow-parts.tsx";
import { Field, pinInput } from "../form-parts.tsx";
import type { ConsentView, FlowView } from "../page-view.ts";
import { CodeField, stepPage } from "../step-page.tsx";

export type MobileStepView = FlowView;
export type OtpStepView = FlowView;

/** Permissions and end are unused without `clientName`. */
export type PinStepView = ConsentView;

/** Step 1: which account. */
export function mobileStep(view: MobileStepView): string {
  return stepPage({
    view,
    step: 1,
    title: `Log in with your ${view.brokerName} account`,
    lead: <Purpose view={view} />,
    fields: (
      <Field
        id="mobileNum"
        name="mobile_number"
        label="Mobile number"
        hint={`The 10-digit number you use with ${view.brokerName}`}
        prefix="+91"
        notice={view.notice}
        first
        input={{
          type: "tel",
          inputmode: "numeric",
          autocomplete: "tel-national",
          pattern: "[0-9]{10}",
          title: "10 digits, without +91 and without spaces",
        }}
      />
    ),
    button: { label: "Get OTP", id: "getOtp" },
  });
}

/** Step 2: the code. The page is the same whether an SMS went out, an app makes the code, or nobody has this number (S-43). */
export function otpStep(view: OtpStepView): string {
  return stepPage({
    view,
    step: 2,
    title: "Enter your code",
    lead: (
      <p class="lead">
        Use the code from the SMS to your {view.brokerName} number. If you set up an authenticator app, use the code it
        shows instead.
      </p>
    ),
    fields: <CodeField view={view} />,
    button: { label: "Continue", id: "continueBtn" },
    otherWay: { decision: "resend", label: "No SMS yet? Send again" },
  });
}

/** Step 3: the PIN, which for an app is the consent as well (S-42, S-58). */
export function pinStep(view: PinStepView): string {
  const forApp = view.clientName !== undefined;
  return stepPage({
    view,
    step: 3,
    title: forApp ? "Enter your PIN to allow access" : "Enter your PIN",
    lead: forApp ? <Consent view={view} /> : <Purpose view={view} />,
    fields: (
      <Field
        id="pinCode"
        name="pin"
        label={`6-digit ${view.brokerName} PIN`}
        {...(forApp ? { describedBy: "consent" } : {})}
        notice={view.notice}
        first
        input={pinInput}
      />
    ),
    button: { label: forApp ? "Allow and continue" : "Continue", id: "pinContinueBtn" },
    otherWay: { decision: "forgot_pin", label: "Forgot PIN?" },
    ...(forApp ? { cancelLabel: "Don't allow" } : {}),
  });
}
