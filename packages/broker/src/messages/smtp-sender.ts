import type { Transporter } from "nodemailer";
import { MessageError, type MessageErrorCode, type MessageSender, type OutgoingMessage } from "./message-sender.ts";

/** Limit of each step: looking the name up, connecting, the greeting, silence in between. */
const STEP_MILLISECONDS = 10_000;
/** Limit of the whole message, for a server that is slow in every step. */
const TOTAL_MILLISECONDS = 30_000;

/** Where and as whom to send mail. */
export interface SmtpSettings {
  host: string;
  port: number;
  /** TLS from the first byte (`smtps:`). Otherwise STARTTLS is required, except on loopback. */
  implicitTls: boolean;
  /** The other end is this machine: codes may travel in the clear. */
  isLoopback: boolean;
  /** The sender's address, e.g. `Kunji <no-reply@example.com>`. */
  from: string;
  user?: string | undefined;
  password?: string | undefined;
  /** Ends one message. Default: a signal that aborts after 30 s. */
  timeout?: (() => AbortSignal) | undefined;
}

/** Sends every message as an e-mail, one connection each: logins are few, and an idle pool would only break. */
export function smtpSender(settings: SmtpSettings): MessageSender {
  const timeout = settings.timeout ?? (() => AbortSignal.timeout(TOTAL_MILLISECONDS));
  // Loaded with the first message: it would cost every start 40 ms, and most brokers of a test never send an e-mail.
  let opened: Promise<Transporter> | undefined;
  return {
    kind: "smtp",
    async send(message, signal) {
      signal?.throwIfAborted();
      const to = requireAddress(message.to.email);
      const limit = timeout();
      opened ??= openTransport(settings);
      const transport = await opened;
      try {
        await transport.sendMail({
          from: settings.from,
          to: { name: "", address: to },
          subject: subjectOf(message),
          text: message.text,
          // Keeps vacation replies and other machines from answering (RFC 3834).
          headers: { "Auto-Submitted": "auto-generated" },
          signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
        });
      } catch (error) {
        signal?.throwIfAborted();
        if (limit.aborted) throw new MessageError("TIMEOUT", "The mail server took too long.");
        throw readSmtpError(error);
      }
    },
  };
}

async function openTransport(settings: SmtpSettings): Promise<Transporter> {
  const { createTransport } = await import("nodemailer");
  return createTransport({
    host: settings.host,
    port: settings.port,
    secure: settings.implicitTls,
    requireTLS: !settings.implicitTls && !settings.isLoopback,
    ignoreTLS: settings.isLoopback,
    ...(settings.user !== undefined && { auth: { user: settings.user, pass: settings.password ?? "" } }),
    dnsTimeout: STEP_MILLISECONDS,
    connectionTimeout: STEP_MILLISECONDS,
    greetingTimeout: STEP_MILLISECONDS,
    socketTimeout: STEP_MILLISECONDS,
    // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment does not turn verification off.
    tls: { rejectUnauthorized: true },
    // Nothing in a message may name a file or URL to include.
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  });
}

/** One plain address: list separators or angle brackets would send the code to somebody else as well. */
function requireAddress(email: string | undefined): string {
  if (email === undefined || !/^[^\s@,;:<>()[\]"\\]+@[^\s@,;:<>()[\]"\\]+$/.test(email)) {
    throw new MessageError("NO_ADDRESS", "The account has no e-mail address to send to.");
  }
  return email;
}

/** Subjects show on locked screens and in server logs: they never hold the code. */
function subjectOf(message: OutgoingMessage): string {
  if (message.otp !== undefined) return "Your login code";
  return message.link === undefined ? "A message about your account" : "A request waits for your decision";
}

const kindOfError: Readonly<Record<string, MessageErrorCode>> = {
  ETIMEDOUT: "TIMEOUT",
  EAUTH: "CREDENTIALS",
  ENOAUTH: "CREDENTIALS",
  ETLS: "UNTRUSTED",
  EENVELOPE: "REFUSED",
  EMESSAGE: "REFUSED",
};

function readSmtpError(error: unknown): MessageError {
  const { code, originalCode, responseCode } = error as { code?: string; originalCode?: string; responseCode?: number };
  const detail = responseCode === undefined ? (originalCode ?? code) : `SMTP ${responseCode}`;
  if (isCertificateFault(originalCode ?? code)) {
    return new MessageError("UNTRUSTED", "The mail server could not be trusted.", detail);
  }
  switch (kindOfError[code ?? ""]) {
    case "TIMEOUT":
      return new MessageError("TIMEOUT", "The mail server took too long.", detail);
    case "CREDENTIALS":
      return new MessageError("CREDENTIALS", "The mail server did not accept the user or password.", detail);
    case "UNTRUSTED":
      return new MessageError("UNTRUSTED", "The mail server could not be trusted.", detail);
    case "REFUSED":
      return new MessageError("REFUSED", "The mail server did not accept the message.", detail);
    default:
      return new MessageError("UNREACHABLE", "The mail server could not be reached.", detail);
  }
}

function isCertificateFault(code: string | undefined): boolean {
  return code !== undefined && /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code);
}
