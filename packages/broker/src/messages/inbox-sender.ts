import type { MessageSender, OutgoingMessage } from "./message-sender.ts";

/**
 * Sends nothing: keeps messages where the `/inbox` page of demo mode finds them.
 * @param keep stores one message.
 */
export function inboxSender(keep: (message: OutgoingMessage) => Promise<void>): MessageSender {
  return {
    kind: "inbox",
    async send(message, signal) {
      signal?.throwIfAborted();
      await keep(message);
    },
  };
}
