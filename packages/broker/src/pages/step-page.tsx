import type { ComponentChildren } from "preact";
import { CancelForm, codeInput, Field, NoticeLine, PostForm, Progress, panInput } from "./form-parts.tsx";
import { layout } from "./layout.tsx";
import type { FlowView } from "./page-view.ts";

export interface Step {
  readonly view: FlowView;
  /** Of three. */
  readonly step: number;
  readonly title: string;
  /** Why the person is here, or what to do. */
  readonly lead: ComponentChildren;
  readonly fields: ComponentChildren;
  /** The button that goes on; `id` where the vendor's page has one. */
  readonly button: { readonly label: string; readonly id?: string };
  /** Another way on, such as a code that is sent again. */
  readonly otherWay?: { readonly decision: string; readonly label: string };
  /** What the way out is called; default "Cancel". */
  readonly cancelLabel?: string;
}

/** One step of a login or recovery: the form that goes on comes first, the ways that leave it after (design.md section 5). */
export function stepPage({ view, step, title, lead, fields, button, otherWay, cancelLabel }: Step): string {
  const cancel = (
    <CancelForm
      action={view.cancelAction}
      csrf={view.csrf}
      {...(cancelLabel === undefined ? {} : { label: cancelLabel })}
    />
  );
  return layout({
    view,
    title,
    width: "card",
    notice: view.notice,
    children: (
      <>
        <Progress step={step} of={3} />
        <h1>{title}</h1>
        {lead}
        <NoticeLine notice={view.notice} />
        <PostForm action={view.action} csrf={view.csrf}>
          {fields}
          <button type="submit" id={button.id} class="primary">
            {button.label}
          </button>
        </PostForm>
        {otherWay === undefined ? (
          cancel
        ) : (
          <div class="asides">
            <PostForm action={view.action} csrf={view.csrf} className="aside">
              <button type="submit" class="quiet" name="decision" value={otherWay.decision}>
                {otherWay.label}
              </button>
            </PostForm>
            {cancel}
          </div>
        )}
      </>
    ),
  });
}

/** The field for a code that was sent. */
export function CodeField({ view }: { view: FlowView }) {
  return <Field id="otpNum" name="otp" label="6-digit code" notice={view.notice} first input={codeInput} />;
}

/** The field for the PAN. @param first see `Field` */
export function PanField({ view, first }: { view: FlowView; first: boolean }) {
  return (
    <Field
      id="panNum"
      name="pan"
      label="PAN"
      hint="10 letters and digits, as printed on your PAN card"
      notice={view.notice}
      first={first}
      input={panInput}
    />
  );
}
