import type { Worker } from "node:cluster";

interface Handle {
  close(): void;
}

/**
 * Closes the connection that was on its way to a worker when it died. Node's cluster hands each worker one connection at a
 * time and waits for its word; without that word it keeps the connection open for ever, and so does the client.
 * @see https://github.com/nodejs/node/blob/v20.x/lib/internal/cluster/round_robin_handle.js `handoff()`
 */
export function closeLostHandover({ process: child }: Pick<Worker, "process">): void {
  const send = child.send.bind(child) as (...words: unknown[]) => boolean;
  let last: Handle | undefined;
  child.send = (...words: unknown[]) => {
    const [message, handle] = words;
    if (isHandover(message) && handle) last = handle as Handle;
    return send(...words);
  };
  // One that was taken is closed here already, and closing it again does nothing.
  child.once("exit", () => last?.close());
}

function isHandover(message: unknown): boolean {
  return typeof message === "object" && message !== null && "act" in message && message.act === "newconn";
}
