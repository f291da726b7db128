/** "Forgot password": client code and PAN, a code, the new password twice. It is also what unlocks a locked account. */
import { CancelForm, Field, NoticeLine, PostForm, Progress, panInput } from "../form-parts.tsx";
import { layout } from "../layout.tsx";
import type { FlowView } from "../page-view.ts";
import { ClientCodeField } from "./client-code-field.tsx";

/** Recovery 1 of 3: whose password. A `notice` may name the field `pan`. The second page is the one for codes. */
export function recoveryAccountStep(view: FlowView): string {
  return layout({
    view,
    title: "Set a new password",
    width: "card",
    notice: view.notice,
    children: (
      <>
        <Progress step={1} of={3} />
        <h1>Set a new password</h1>
        <p class="lead">First, show that the account is yours. Then we send you a code.</p>
        <NoticeLine notice={view.notice} />
        <PostForm action={view.action} csrf={view.csrf}>
          <ClientCodeField view={view} />
          <Field
            id="panNum"
            name="pan"
            label="PAN"
            hint="10 letters and digits, as printed on your PAN card"
            notice={view.notice}
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

/** Recovery 3 of 3: the new password, twice. A `notice` may name the field `password` or `password_again`. */
export function newPasswordStep(view: FlowView): string {
  const input = { type: "password", autocomplete: "new-password", minlength: 8, maxlength: 128 } as const;
  return layout({
    view,
    title: "Choose a new password",
    width: "card",
    notice: view.notice,
    children: (
      <>
        <Progress step={3} of={3} />
        <h1>Choose a new password</h1>
        <p class="lead">At least 8 characters. The longer it is, the harder it is to guess.</p>
        <NoticeLine notice={view.notice} />
        <PostForm action={view.action} csrf={view.csrf}>
          <Field id="password" name="password" label="New password" notice={view.notice} first input={input} />
          <Field
            id="passwordAgain"
            name="password_again"
            label="New password again"
            notice={view.notice}
            input={input}
          />
          <button type="submit" class="primary">
            Save new password
          </button>
        </PostForm>
        <CancelForm action={view.cancelAction} csrf={view.csrf} />
      </>
    ),
  });
}
