/** The three steps of the Upstox login. Element ids are the vendor's (protocol/upstox.md 2.5), names are design.md section 5's. */
import { Consent, Purpose } from "../flow-parts.tsx";
import { CancelForm, codeInput, Field, NoticeLine, PostForm, Progress, pinInput } from "../form-parts.tsx";
import { layout } from "../layout.tsx";
import type { ConsentView, FlowView } from "../page-view.ts";

export type MobileStepView = FlowView;
export type OtpStepView = FlowView;

/** Permissions and end are unused without `clientName`. */
export type PinStepView = ConsentView;

/** Step 1: which account. */
export function mobileStep(view: MobileStepView): string {
  const title = `Log in with your ${view.brokerName} account`;
  return layout({
    view,
    title,
    width: "card",
    notice: view.notice,
    children: (
      <>
        <Progress step={1} of={3} />
        <h1>{title}</h1>
        <Purpose view={view} />
        <NoticeLine notice={view.notice} />
        <PostForm action={view.action} csrf={view.csrf}>
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
          <button type="submit" id="getOtp" class="primary">
            Get OTP
          </button>
        </PostForm>
        <CancelForm action={view.cancelAction} csrf={view.csrf} />
      </>
    ),
  });
}

/** Step 2: the code. The page is the same whether an SMS went out, an app makes the code, or nobody has this number (S-43). */
export function otpStep(view: OtpStepView): string {
  return layout({
    view,
    title: "Enter your code",
    width: "card",
    notice: view.notice,
    children: (
      <>
        <Progress step={2} of={3} />
        <h1>Enter your code</h1>
        <p class="lead">
          Use the code from the SMS to your {view.brokerName} number. If you set up an authenticator app, use the code
          it shows instead.
        </p>
        <NoticeLine notice={view.notice} />
        <PostForm action={view.action} csrf={view.csrf}>
          <Field id="otpNum" name="otp" label="6-digit code" notice={view.notice} first input={codeInput} />
          <button type="submit" id="continueBtn" class="primary">
            Continue
          </button>
        </PostForm>
        <div class="asides">
          <PostForm action={view.action} csrf={view.csrf} className="aside">
            <button type="submit" class="quiet" name="decision" value="resend">
              No SMS yet? Send again
            </button>
          </PostForm>
          <CancelForm action={view.cancelAction} csrf={view.csrf} />
        </div>
      </>
    ),
  });
}

/** Step 3: the PIN, which for an app is the consent as well (S-42, S-58). */
export function pinStep(view: PinStepView): string {
  const forApp = view.clientName !== undefined;
  const title = forApp ? "Enter your PIN to allow access" : "Enter your PIN";
  return layout({
    view,
    title,
    width: "card",
    notice: view.notice,
    children: (
      <>
        <Progress step={3} of={3} />
        <h1>{title}</h1>
        {forApp ? <Consent view={view} /> : <Purpose view={view} />}
        <NoticeLine notice={view.notice} />
        <PostForm action={view.action} csrf={view.csrf}>
          <Field
            id="pinCode"
            name="pin"
            label={`6-digit ${view.brokerName} PIN`}
            {...(forApp ? { describedBy: "consent" } : {})}
            notice={view.notice}
            first
            input={pinInput}
          />
          <button type="submit" id="pinContinueBtn" class="primary">
            {forApp ? "Allow and continue" : "Continue"}
          </button>
        </PostForm>
        <div class="asides">
          <PostForm action={view.action} csrf={view.csrf} className="aside">
            <button type="submit" class="quiet" name="decision" value="forgot_pin">
              Forgot PIN?
            </button>
          </PostForm>
          <CancelForm action={view.cancelAction} csrf={view.csrf} {...(forApp ? { label: "Don't allow" } : {})} />
        </div>
      </>
    ),
  });
}
