/** "Forgot PIN": PAN, a code, and the new PIN twice (protocol/upstox.md 2.5). It is also what unlocks a locked account. */
import { CancelForm, codeInput, Field, NoticeLine, PostForm, Progress, panInput, pinInput } from "../form-parts.tsx";
import { layout } from "../layout.tsx";
import type { FlowView } from "../page-view.ts";

/** Recovery 1 of 3: the PAN. */
export function recoveryPanStep(view: FlowView): string {
  return layout({
    view,
    title: "Set a new PIN",
    width: "card",
    notice: view.notice,
    children: (
      <>
        <Progress step={1} of={3} />
        <h1>Set a new PIN</h1>
        <p class="lead">First, show that the account is yours. Then we send you a code.</p>
        <NoticeLine notice={view.notice} />
        <PostForm action={view.action} csrf={view.csrf}>
          <Field
            id="panNum"
            name="pan"
            label="PAN"
            hint="10 letters and digits, as printed on your PAN card"
            notice={view.notice}
            first
            input={panInput}
          />
          <button type="submit" class="primary">
            Continue
          </button>
        </PostForm>
        <CancelForm action={view.cancelAction} csrf={view.csrf} />
      </>
    ),
  });
}

/** Recovery 2 of 3: the code. The page is the same when the PAN did not match (S-43). */
export function recoveryCodeStep(view: FlowView): string {
  return layout({
    view,
    title: "Enter the code we sent",
    width: "card",
    notice: view.notice,
    children: (
      <>
        <Progress step={2} of={3} />
        <h1>Enter the code we sent</h1>
        <p class="lead">If the PAN matches your account, a code is on its way to your mobile and your e-mail.</p>
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
              No code yet? Send again
            </button>
          </PostForm>
          <CancelForm action={view.cancelAction} csrf={view.csrf} />
        </div>
      </>
    ),
  });
}

/** Recovery 3 of 3: the new PIN, twice. A `notice` may name the field `pin` or `pin_again`. */
export function recoveryNewPinStep(view: FlowView): string {
  // The browser may keep the old PIN from being filled in, hence `new-password`.
  const input = { ...pinInput, autocomplete: "new-password" } as const;
  return layout({
    view,
    title: "Choose a new PIN",
    width: "card",
    notice: view.notice,
    children: (
      <>
        <Progress step={3} of={3} />
        <h1>Choose a new PIN</h1>
        <p class="lead">Pick one that others cannot guess: no birthday, no 123456.</p>
        <NoticeLine notice={view.notice} />
        <PostForm action={view.action} csrf={view.csrf}>
          <Field id="newPin" name="pin" label="New 6-digit PIN" notice={view.notice} first input={input} />
          <Field id="newPinAgain" name="pin_again" label="New PIN again" notice={view.notice} input={input} />
          <button type="submit" class="primary">
            Save new PIN
          </button>
        </PostForm>
        <CancelForm action={view.cancelAction} csrf={view.csrf} />
      </>
    ),
  });
}
