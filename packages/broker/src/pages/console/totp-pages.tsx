/** Switching codes from an authenticator app on and off. */
import { type AskedSecret, codeInput, Field, NoticeLine, PostForm, SecretField } from "../form-parts.tsx";
import { layout } from "../layout.tsx";
import type { FormView } from "../page-view.ts";
import { safeHref, safeOtpauthUri } from "../safe-href.ts";
import { QrCode } from "./qr-code.tsx";

export interface TotpEnrolmentView extends FormView {
  /** The QR code of the `otpauth:` URI, `true` is dark, without a quiet zone. */
  readonly modules: readonly (readonly boolean[])[];
  /** The shared secret in base32, without spaces or padding. */
  readonly secret: string;
  /** Opens an authenticator app on this device, for people who read this page on the phone that has it. */
  readonly otpauthUri?: string | undefined;
  readonly asksFor: AskedSecret;
  readonly backHref: string;
}

export interface TotpDisableView extends FormView {
  readonly asksFor: AskedSecret;
  readonly backHref: string;
}

/** Scan, then prove it with a code. Nothing is switched on before that. */
export function totpEnrolmentPage(view: TotpEnrolmentView): string {
  return layout({
    view,
    title: "Set up an authenticator app",
    width: "card",
    notice: view.notice,
    children: (
      <>
        <h1>Set up an authenticator app</h1>
        <section class="panel centred" aria-labelledby="scan">
          <h2 id="scan">1. Scan this code</h2>
          <QrCode modules={view.modules} label="QR code for your authenticator app. The key below says the same." />
          {view.otpauthUri && (
            <a class="button secondary" href={safeOtpauthUri(view.otpauthUri)}>
              Open an app on this device
            </a>
          )}
          <p class="hint">Cannot scan? Type this key into the app:</p>
          <p class="secret">
            <code>{inGroupsOfFour(view.secret)}</code>
          </p>
        </section>
        <section class="panel" aria-labelledby="confirm">
          <h2 id="confirm">2. Type the code the app shows</h2>
          <NoticeLine notice={view.notice} />
          <PostForm action={view.action} csrf={view.csrf}>
            <Field
              id="otpNum"
              name="otp"
              label="6-digit code"
              hint="It changes every 30 seconds."
              notice={view.notice}
              first
              focus={false}
              input={codeInput}
            />
            <SecretField asksFor={view.asksFor} brokerName={view.brokerName} notice={view.notice} />
            <button type="submit" id="continueBtn" class="primary">
              Turn on
            </button>
          </PostForm>
        </section>
        <p class="asides">
          <a class="quiet" href={safeHref(view.backHref)}>
            Not now
          </a>
        </p>
      </>
    ),
  });
}

/** Back to codes by SMS. The vendor ends all sessions with it (protocol/upstox.md 2.5), so the page says so first. */
export function totpDisablePage(view: TotpDisableView): string {
  return layout({
    view,
    title: "Turn off the authenticator app",
    width: "card",
    notice: view.notice,
    children: (
      <>
        <h1>Turn off the authenticator app</h1>
        <p class="lead">
          Your next code comes by SMS. You will be logged out everywhere, and the key in your authenticator app stops
          working.
        </p>
        <NoticeLine notice={view.notice} />
        <PostForm action={view.action} csrf={view.csrf}>
          <SecretField asksFor={view.asksFor} brokerName={view.brokerName} notice={view.notice} first />
          <button type="submit" id="pinContinueBtn" class="primary">
            Turn off
          </button>
        </PostForm>
        <p class="asides">
          <a class="quiet" href={safeHref(view.backHref)}>
            Keep it on
          </a>
        </p>
      </>
    ),
  });
}

/** Easier to copy by eye; apps ignore the spaces. */
function inGroupsOfFour(secret: string): string {
  return secret.match(/.{1,4}/gu)?.join(" ") ?? "";
}
