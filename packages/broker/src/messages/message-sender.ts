/** How the broker reaches a person: the interface its ways of sending share, and the one error they throw. */

/** One message to one person. */
export interface OutgoingMessage {
  /** Every address the broker knows; a sender uses the one it can reach. */
  readonly to: {
    readonly accountId: string;
    readonly mobile?: string | undefined;
    readonly email?: string | undefined;
  };
  /** What it is meant as. A sender with one channel only (SMTP) sends every kind through it. */
  readonly kind: "sms" | "email" | "push";
  /** The whole text, complete as it stands. */
  readonly text: string;
  /** The one-time code in `text`, for senders that pass it on as data. */
  readonly otp?: string | undefined;
  /** The link in `text`, for senders that pass it on as data. */
  readonly link?: string | undefined;
}

/** A way of sending. Made from a setting by `openMessageSender`. */
export interface MessageSender {
  /** For logs and metrics. */
  readonly kind: "inbox" | "smtp" | "gateway";
  /**
   * Sends one message, or hands it to whoever does.
   * @throws MessageError when it was not accepted; the signal's reason when it was aborted.
   */
  send(message: OutgoingMessage, signal?: AbortSignal): Promise<void>;
}

/**
 * - `NO_ADDRESS`: the person has no address this sender can use.
 * - `UNREACHABLE`: nobody at the other end, or the connection broke.
 * - `UNTRUSTED`: the other end has no TLS, or a certificate that is not trusted.
 * - `TIMEOUT`: the other end took too long.
 * - `CREDENTIALS`: the other end does not accept our user or password.
 * - `REFUSED`: the other end does not accept the message.
 */
export type MessageErrorCode = "NO_ADDRESS" | "UNREACHABLE" | "UNTRUSTED" | "TIMEOUT" | "CREDENTIALS" | "REFUSED";

/**
 * A message could not be sent. On purpose it has no `cause`: the errors of mail and HTTP libraries carry addresses,
 * answers and settings, and with them codes and passwords (S-96). `detail` holds a status or an error code only.
 */
export class MessageError extends Error {
  readonly code: MessageErrorCode;
  readonly detail: string | undefined;

  constructor(code: MessageErrorCode, message: string, detail?: string) {
    super(detail === undefined ? message : `${message} (${detail})`);
    this.name = "MessageError";
    this.code = code;
    this.detail = detail;
  }
}
