import type { ComponentChildren, InputHTMLAttributes } from "preact";
import type { Notice } from "./page-view.ts";

/** A form that posts, with its CSRF token in it (S-36). No form on any page is written without it. */
export function PostForm(props: { action: string; csrf: string; className?: string; children: ComponentChildren }) {
  return (
    <form method="post" action={props.action} class={props.className}>
      <input type="hidden" name="csrf" value={props.csrf} />
      {props.children}
    </form>
  );
}

/** The notice of a page. `noticeId` is what the failed field points at. */
export function NoticeLine({ notice }: { notice: Notice | undefined }) {
  if (notice === undefined) return null;
  return (
    <p id={noticeId} class={`notice ${notice.kind}`} role={notice.kind === "error" ? "alert" : "status"}>
      {notice.text}
    </p>
  );
}

const noticeId = "notice";

export interface FieldProps {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  /** Ids of text above the field that a screen reader should say with it. */
  readonly describedBy?: string;
  readonly notice: Notice | undefined;
  /** The page's first field: it has the focus, unless an error names another one. */
  readonly first?: boolean;
  /** `false` where a person must read before typing; an error still brings the focus here. */
  readonly focus?: boolean;
  readonly prefix?: string;
  readonly input: InputHTMLAttributes<HTMLInputElement>;
}

/**
 * A labelled text field with its hint and error wired up. It is required unless `input` says otherwise. What a person
 * proves themselves with is never filled in; what they keep here, such as a URL, stands in `input.value`.
 */
export function Field({ first = false, focus = true, ...props }: FieldProps) {
  const notice = props.notice?.kind === "error" ? props.notice : undefined;
  const failed = notice !== undefined && (notice.field === undefined ? first : notice.field === props.name);
  const focused = failed || (first && focus && notice?.field === undefined);
  const hintId = props.hint === undefined ? undefined : `${props.id}Hint`;
  const describedBy = [props.describedBy, failed ? noticeId : undefined, hintId].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={props.id}>{props.label}</label>
      {hintId && (
        <p id={hintId} class="hint">
          {props.hint}
        </p>
      )}
      <span class={props.prefix ? "input-row prefixed" : "input-row"}>
        {props.prefix && (
          <span class="input-prefix" aria-hidden="true">
            {props.prefix}
          </span>
        )}
        <input
          required
          {...props.input}
          id={props.id}
          name={props.name}
          autofocus={focused}
          aria-invalid={failed ? "true" : undefined}
          aria-describedby={describedBy || undefined}
        />
      </span>
    </div>
  );
}

/** A six-digit code from an SMS, an e-mail or an authenticator app. */
export const codeInput = {
  type: "text",
  class: "digits",
  inputmode: "numeric",
  autocomplete: "one-time-code",
  pattern: "[0-9]{6}",
  title: "6 digits, without spaces",
} as const;

/** The six-digit PIN. No password manager should offer to keep it: it is short, and typed to confirm. */
export const pinInput = {
  type: "password",
  class: "digits",
  inputmode: "numeric",
  autocomplete: "off",
  pattern: "[0-9]{6}",
  maxlength: 6,
  title: "6 digits",
} as const;

/** What a person proves themselves with to change something: the PIN, or the password. */
export interface AskedSecret {
  readonly secret: "PIN" | "password";
  readonly secretField: "pin" | "password";
}

/** The field for it. @param first see `Field`; a page on which something else is typed first leaves it out */
export function SecretField(props: {
  asksFor: AskedSecret;
  brokerName: string;
  notice: Notice | undefined;
  first?: boolean;
  focus?: boolean;
}) {
  const { asksFor, brokerName, ...rest } = props;
  const isPin = asksFor.secret === "PIN";
  return (
    <Field
      {...rest}
      id={isPin ? "pinCode" : "password"}
      name={asksFor.secretField}
      label={isPin ? `6-digit ${brokerName} PIN` : `${brokerName} password`}
      input={isPin ? pinInput : { type: "password", autocomplete: "current-password", maxlength: 128 }}
    />
  );
}

/** A PAN, as printed on the card. */
export const panInput = {
  type: "text",
  class: "upper",
  autocomplete: "off",
  autocapitalize: "characters",
  spellcheck: false,
  pattern: "[A-Za-z]{5}[0-9]{4}[A-Za-z]",
  maxlength: 10,
  title: "Five letters, four digits, one letter",
} as const;

/** "Step 1 of 3", as text and as a bar. */
export function Progress({ step, of }: { step: number; of: number }) {
  const bars = Array.from({ length: of }, (_, index) => index < step);
  return (
    <p class="progress">
      <span class="progress-bars" aria-hidden="true">
        {bars.map((done, index) => (
          <span key={index} class={done ? "bar done" : "bar"} />
        ))}
      </span>
      Step {step} of {of}
    </p>
  );
}

/** The form that leaves the flow. It stands after the main form (design.md section 5). */
export function CancelForm(props: { action: string; csrf: string; label?: string }) {
  return (
    <PostForm action={props.action} csrf={props.csrf} className="aside">
      <button type="submit" class="quiet" name="decision" value="deny">
        {props.label ?? "Cancel"}
      </button>
    </PostForm>
  );
}
