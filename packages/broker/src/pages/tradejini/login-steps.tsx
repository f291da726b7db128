/** The first two steps of the Tradejini login. Field names are design.md section 5's. */
import { Purpose } from "../flow-parts.tsx";
import { CancelForm, codeInput, Field, NoticeLine, PostForm, Progress } from "../form-parts.tsx";
import { layout } from "../layout.tsx";
import type { FlowView } from "../page-view.ts";
import { ClientCodeField } from "./client-code-field.tsx";

export type PasswordStepView = FlowView;

export interface TwoFaStepView extends FlowView {
  /** Which kind of code is chosen when the page opens: an SMS once one was asked for. */
  readonly chosen: "otp" | "totp";
}

/** Step 1: which account, and its password. */
export function passwordStep(view: PasswordStepView): string {
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
          <ClientCodeField view={view} />
          <Field
            id="password"
            name="password"
            label="Password or CubePlus PIN"
            notice={view.notice}
            input={{ type: "password", autocomplete: "current-password", maxlength: 128 }}
          />
          <button type="submit" id="continueBtn" class="primary">
            Continue
          </button>
        </PostForm>
        <div class="asides">
          <PostForm action={view.action} csrf={view.csrf} className="aside">
            <button type="submit" class="quiet" name="decision" value="forgot_password">
              Forgot password?
            </button>
          </PostForm>
          <CancelForm action={view.cancelAction} csrf={view.csrf} />
        </div>
      </>
    ),
  });
}

/** Step 2: the second factor. The page is the same whether or not the person has an authenticator app (S-43). */
export function twoFaStep(view: TwoFaStepView): string {
  return layout({
    view,
    title: "Enter your code",
    width: "card",
    notice: view.notice,
    children: (
      <>
        <Progress step={2} of={3} />
        <h1>Enter your code</h1>
        <p class="lead">Use the code your authenticator app shows, or ask for one by SMS below.</p>
        <NoticeLine notice={view.notice} />
        <PostForm action={view.action} csrf={view.csrf}>
          <Field id="twoFa" name="two_fa" label="6-digit code" notice={view.notice} first input={codeInput} />
          <fieldset class="switch">
            <legend>Where is the code from?</legend>
            <Kind id="twoFaTotp" value="totp" label="Authenticator app" chosen={view.chosen} />
            <Kind id="twoFaOtp" value="otp" label="SMS" chosen={view.chosen} />
          </fieldset>
          <button type="submit" id="continueBtn" class="primary">
            Continue
          </button>
        </PostForm>
        <div class="asides">
          <PostForm action={view.action} csrf={view.csrf} className="aside">
            <button type="submit" class="quiet" name="decision" value="send_otp">
              {view.chosen === "otp" ? "No SMS yet? Send again" : "Send me a code by SMS"}
            </button>
          </PostForm>
          <CancelForm action={view.cancelAction} csrf={view.csrf} />
        </div>
      </>
    ),
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
