// The load: keep-alive connections, one request at a time on each, the next as soon as the answer is there. Raw sockets
// and the least parsing that still proves each answer, so that the server is the one that is busy: a general HTTP
// client would spend more time on a request than the servers measured here.
import { connect } from "node:net";
import { answerParent } from "./child-calls.mjs";

const HEAD_END = "\r\n\r\n";
const LENGTH_NAME = "content-length: ";

answerParent({ run });

/**
 * @param plan `port`, `connections`, `seconds`, and the texts of the requests: `before` + one of `middles` + `after`.
 * With `once` each is sent a single time and the run may end early; otherwise they go round.
 * @returns `answers` and `seconds` they took, and the `bytes` of the first answer
 */
async function run({ port, connections, seconds, before, middles, after, once }) {
  let next = 0;
  let answers = 0;
  let bytes = 0;
  const start = performance.now();
  const end = start + seconds * 1000;
  const takeRequest = () => {
    if (performance.now() >= end) return undefined;
    if (next === middles.length) {
      if (once) return undefined;
      next = 0;
    }
    return before + middles[next++] + after;
  };
  const onAnswer = (length) => {
    answers++;
    bytes ||= length;
  };
  // The load never sleeps: waking it up would be work of the server, and the slower server would do more of it.
  const spin = () => {
    if (performance.now() < end) setImmediate(spin);
  };
  spin();
  await Promise.all(Array.from({ length: connections }, () => useConnection(port, takeRequest, onAnswer)));
  return { answers, seconds: (performance.now() - start) / 1000, bytes };
}

function useConnection(port, takeRequest, onAnswer) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let received = "";
    const sendNext = () => {
      const request = takeRequest();
      if (request !== undefined) return socket.write(request, "latin1");
      socket.end();
      return resolve();
    };
    socket.setEncoding("latin1");
    socket.on("connect", sendNext);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the server closed a connection")));
    socket.on("data", (chunk) => {
      received = received === "" ? chunk : received + chunk;
      const length = answerLength(received);
      if (length === undefined || received.length < length) return;
      if (!received.startsWith("HTTP/1.1 200 ") || received.length > length) {
        reject(new Error(`unexpected answer: ${received}`));
        socket.destroy();
        return;
      }
      received = "";
      onAnswer(length);
      sendNext();
    });
  });
}

/** Bytes of the whole answer; undefined while its head is not complete. */
function answerLength(received) {
  const headEnd = received.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const at = received.indexOf(LENGTH_NAME);
  if (at < 0 || at > headEnd) throw new Error(`an answer without content-length: ${received}`);
  return headEnd + HEAD_END.length + Number.parseInt(received.slice(at + LENGTH_NAME.length, headEnd), 10);
}
