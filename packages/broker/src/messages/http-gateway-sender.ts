import { fetchErrorCode, neverConnected } from "../http/connect-faults.ts";
import { MessageError, type MessageSender, type OutgoingMessage } from "./message-sender.ts";

const TIMEOUT_MILLISECONDS = 10_000;

/** Where and how to post messages. */
export interface HttpGatewaySettings {
  /** Without user name and password. */
  url: URL;
  /** The header that proves who we are, e.g. `["authorization", "Bearer ..."]`. */
  credential?: readonly [name: string, value: string] | undefined;
  fetch?: typeof globalThis.fetch | undefined;
  /** Ends one attempt. Default: a signal that aborts after 10 s. */
  timeout?: (() => AbortSignal) | undefined;
}

/**
 * Posts each message as JSON to an SMS or push gateway:
 * `{"to":{"accountId","mobile"?,"email"?},"kind","text","otp"?,"link"?}`. Any 2xx means accepted; the answer's body
 * is not read, a redirect is not followed.
 */
export function httpGatewaySender(settings: HttpGatewaySettings): MessageSender {
  const { url, credential, fetch = globalThis.fetch } = settings;
  const timeout = settings.timeout ?? (() => AbortSignal.timeout(TIMEOUT_MILLISECONDS));
  const headers = { "content-type": "application/json", ...(credential && { [credential[0]]: credential[1] }) };

  const post = async (body: string, signal: AbortSignal) => {
    const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
    // Dropped without waiting; a gateway that answers endlessly is cut off.
    response.body?.cancel().catch(() => {});
    return response.status;
  };

  return {
    kind: "gateway",
    async send(message, signal) {
      signal?.throwIfAborted();
      const limit = timeout();
      const either = signal === undefined ? limit : AbortSignal.any([signal, limit]);
      const body = JSON.stringify(bodyOf(message));
      const attempt = () => post(body, either);
      let status: number;
      try {
        // Once more only if nothing was sent: a code that arrives twice confuses, and costs twice.
        status = await attempt().catch((error: unknown) => {
          if (!neverConnected(error)) throw error;
          return attempt();
        });
      } catch (error) {
        signal?.throwIfAborted();
        if (limit.aborted) throw new MessageError("TIMEOUT", "The message gateway took too long.");
        throw readFetchError(error);
      }
      if (status === 401 || status === 403) {
        throw new MessageError("CREDENTIALS", "The message gateway did not accept our credentials.", `HTTP ${status}`);
      }
      if (status < 200 || status > 299) {
        throw new MessageError("REFUSED", "The message gateway did not accept the message.", `HTTP ${status}`);
      }
    },
  };
}

/** Field by field: what is added to messages later does not leave the house by accident. */
function bodyOf(message: OutgoingMessage) {
  const { to, kind, text, otp, link } = message;
  return { to: { accountId: to.accountId, mobile: to.mobile, email: to.email }, kind, text, otp, link };
}

function readFetchError(error: unknown): MessageError {
  const code = fetchErrorCode(error);
  if (code !== undefined && /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|ERR_SSL/.test(code)) {
    return new MessageError("UNTRUSTED", "The message gateway could not be trusted.", code);
  }
  return new MessageError("UNREACHABLE", "The message gateway could not be reached.", code);
}
