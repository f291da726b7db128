/**
 * Turns the setting that says how messages travel into a sender. The setting holds passwords, so no error repeats any
 * part of it except the scheme (S-96).
 */
import { decodeUrlPart, readGatewayAddress } from "../http/gateway-address.ts";
import { isLoopbackHost } from "../http/loopback-host.ts";
import { httpGatewaySender } from "./http-gateway-sender.ts";
import { inboxSender } from "./inbox-sender.ts";
import type { MessageSender, OutgoingMessage } from "./message-sender.ts";
import { smtpSender } from "./smtp-sender.ts";

const WHAT = "Message sender";

/** What the senders need from outside. */
export interface MessageSenderDeps {
  /** Stores a message for the `/inbox` page; absent outside demo mode, and `inbox:` is then refused. */
  keepInInbox?: ((message: OutgoingMessage) => Promise<void>) | undefined;
  fetch?: typeof globalThis.fetch | undefined;
}

/**
 * Opens a sender from its URL:
 * - `inbox:` keeps messages for the `/inbox` page;
 * - `smtp://user:password@host:587?from=Kunji%20<no-reply@example.com>` sends e-mail over STARTTLS, `smtps://` over TLS
 *   (port 465); without TLS only to this machine;
 * - `https://token@gateway.example/send` posts JSON with `Authorization: Bearer token`; with
 *   `#header=x-api-key` the token travels in that header instead. `http:` only to this machine.
 *
 * User, password and token are percent-encoded where they contain reserved characters.
 * @throws TypeError for anything else, with a sentence for the operator.
 */
export function openMessageSender(setting: string, deps: MessageSenderDeps): MessageSender {
  if (setting === "inbox:") {
    if (deps.keepInInbox === undefined) throw new TypeError("Message sender: inbox: works only in demo mode.");
    return inboxSender(deps.keepInInbox);
  }
  if (!URL.canParse(setting)) {
    throw new TypeError("Message sender: not a URL. Use inbox:, smtp://, smtps:// or https://.");
  }
  const url = new URL(setting);
  switch (url.protocol) {
    case "smtp:":
    case "smtps:":
      return openSmtp(url);
    case "https:":
    case "http:":
      return openGateway(url, deps);
    default:
      throw new TypeError(
        `Message sender: ${url.protocol} is not supported. Use inbox:, smtp://, smtps:// or https://.`,
      );
  }
}

function openSmtp(url: URL): MessageSender {
  const from = url.searchParams.getAll("from");
  const isAlone = [...url.searchParams.keys()].every((name) => name === "from");
  if (url.hostname === "" || (url.pathname !== "" && url.pathname !== "/") || url.hash !== "" || !isAlone) {
    throw new TypeError(
      "Message sender: an SMTP URL is a host, an optional port, and ?from= with the sender's address.",
    );
  }
  const [address = "", ...more] = from;
  if (more.length > 0 || !/^[^@,;\r\n]*[^\s@,;<>]@[^\s@,;<>]+>?$/.test(address)) {
    throw new TypeError("Message sender: an SMTP URL needs ?from= with one e-mail address.");
  }
  if (url.username === "" && url.password !== "")
    throw new TypeError("Message sender: there is a password but no user.");
  const implicitTls = url.protocol === "smtps:";
  return smtpSender({
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (implicitTls ? 465 : 587) : Number(url.port),
    implicitTls,
    isLoopback: isLoopbackHost(url.hostname),
    from: address,
    ...(url.username !== "" && {
      user: decodeUrlPart(url.username, WHAT),
      password: decodeUrlPart(url.password, WHAT),
    }),
  });
}

function openGateway(url: URL, deps: MessageSenderDeps): MessageSender {
  return httpGatewaySender({ ...readGatewayAddress(url, WHAT), fetch: deps.fetch });
}
