// The least reading of an HTTP answer that still proves it.

const HEAD_END = "\r\n\r\n";
const LENGTH_NAME = "content-length: ";

/** Bytes of the whole answer, out of what was received so far as latin1; undefined while its head is not complete. */
export function answerLength(received) {
  const headEnd = received.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  // Names are written as each server likes to.
  const head = received.slice(0, headEnd).toLowerCase();
  const at = head.indexOf(LENGTH_NAME);
  if (at < 0) throw new Error(`an answer without content-length: ${received}`);
  return headEnd + HEAD_END.length + Number.parseInt(head.slice(at + LENGTH_NAME.length), 10);
}

export const isOk = (received) => received.startsWith("HTTP/1.1 200 ");
