import { type AskedSecret, Field, NoticeLine, PostForm, SecretField } from "../form-parts.tsx";
import { layout } from "../layout.tsx";
import { Name } from "../names.tsx";
import type { FormView } from "../page-view.ts";
import { BackLink } from "./back-link.tsx";

/** A line of a form that shows what is set. */
export interface KeptField {
  readonly name: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly value: string;
  readonly kind: "url" | "address";
}

export interface ClientChangeView extends FormView {
  readonly title: string;
  /** The app's name, untrusted (S-56). */
  readonly about: string;
  /** What the change does: a paragraph each. */
  readonly intro: readonly string[];
  readonly fields: readonly KeptField[];
  /** Something to choose; the first option unless another one was chosen before. */
  readonly choice?:
    | {
        readonly name: string;
        readonly legend: string;
        readonly options: readonly { readonly value: string; readonly label: string }[];
        readonly chosen?: string | undefined;
      }
    | undefined;
  /** The first is the one that the return key presses. */
  readonly buttons: readonly {
    readonly label: string;
    readonly decision?: string | undefined;
    readonly isDangerous?: boolean | undefined;
  }[];
  readonly asksFor: AskedSecret;
  readonly backHref: string;
}

/** A change of an app, with the PIN or password in the same form (S-63). */
export function clientChangePage(view: ClientChangeView): string {
  const { notice, fields, choice, buttons } = view;
  const known = choice?.options.findIndex(({ value }) => value === choice.chosen) ?? -1;
  return layout({
    view,
    title: view.title,
    width: "card",
    notice,
    children: (
      <>
        <h1>{view.title}</h1>
        <p class="lead">
          Of <Name>{view.about}</Name>
        </p>
        {view.intro.map((paragraph) => (
          <p key={paragraph}>{paragraph}</p>
        ))}
        <NoticeLine notice={notice} />
        <PostForm action={view.action} csrf={view.csrf}>
          {fields.map((field, index) => (
            <Kept key={field.name} field={field} notice={notice} first={index === 0} />
          ))}
          {choice && (
            <fieldset class="switch stacked">
              <legend>{choice.legend}</legend>
              {choice.options.map(({ value, label }, index) => (
                <span key={value} class="switch-choice">
                  <input
                    type="radio"
                    id={`choice${index}`}
                    name={choice.name}
                    value={value}
                    checked={index === Math.max(known, 0)}
                  />
                  <label for={`choice${index}`}>{label}</label>
                </span>
              ))}
            </fieldset>
          )}
          <SecretField
            asksFor={view.asksFor}
            brokerName={view.brokerName}
            notice={notice}
            first={fields.length === 0}
            focus={false}
          />
          {buttons.map(({ label, decision, isDangerous }, index) => (
            <button
              key={label}
              type="submit"
              class={index === 0 ? (isDangerous ? "primary danger" : "primary") : "secondary"}
              {...(decision === undefined ? {} : { name: "decision", value: decision })}
            >
              {label}
            </button>
          ))}
        </PostForm>
        <BackLink href={view.backHref}>Change nothing</BackLink>
      </>
    ),
  });
}

const kept = { class: "kept", required: false, autocomplete: "off", autocapitalize: "off", spellcheck: false } as const;
const urlInput = { ...kept, type: "url", maxlength: 512 } as const;
const addressInput = { ...kept, type: "text", maxlength: 45 } as const;

/** A field that shows what is kept; it may be emptied. */
export function Kept(props: { field: KeptField; notice: FormView["notice"]; first: boolean }) {
  const { field, ...rest } = props;
  return (
    <Field
      {...rest}
      id={field.name}
      name={field.name}
      label={field.label}
      {...(field.hint === undefined ? {} : { hint: field.hint })}
      focus={false}
      input={{ ...(field.kind === "url" ? urlInput : addressInput), value: field.value }}
    />
  );
}
