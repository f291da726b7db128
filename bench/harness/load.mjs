// The load: keep-alive connections, one request at a time on each, the next as soon as the answer is there. Raw sockets
// and the least parsing that still proves each answer, so that the server is the one that is busy: a general HTTP
// client would spend more time on a request than the servers measured here.
import { connect } from "node:net";
import { answerParent } from "./child-calls.mjs";
import { answerLength, isOk } from "./http-answer.mjs";
import { latencies } from "./latencies.mjs";

answerParent({ run });

/**
 * @param plan `ports` (connections are dealt out to them in turn), `connections`, `seconds`, and the texts of the
 * requests: `before` + one of `middles` + `after`. With `once` each is sent a single time and the run may end early;
 * otherwise they go round. `timed` also takes the latency of each.
 * @returns `answers` and `seconds` they took, the `bytes` of the first answer, and the latency in milliseconds
 */
async function run({ ports, connections, seconds, before, middles, after, once, timed }) {
  let next = 0;
  let answers = 0;
  let bytes = 0;
  const times = latencies();
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
  const onAnswer = (length, sentAt) => {
    answers++;
    bytes ||= length;
    if (timed) times.add(performance.now() - sentAt);
  };
  // The load never sleeps: waking it up would be work of the server, and the slower server would do more of it.
  const spin = () => {
    if (performance.now() < end) setImmediate(spin);
  };
  spin();
  const portOf = (index) => ports[index % ports.length];
  await Promise.all(
    Array.from({ length: connections }, (_, index) => useConnection(portOf(index), takeRequest, onAnswer, timed)),
  );
  return { answers, seconds: (performance.now() - start) / 1000, bytes, latency: times.summary() };
}

function useConnection(port, takeRequest, onAnswer, timed) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let received = "";
    let sentAt = 0;
    const sendNext = () => {
      const request = takeRequest();
      if (request !== undefined) {
        if (timed) sentAt = performance.now();
        return socket.write(request, "latin1");
      }
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
      if (!isOk(received) || received.length > length) {
        reject(new Error(`unexpected answer: ${received}`));
        socket.destroy();
        return;
      }
      received = "";
      onAnswer(length, sentAt);
      sendNext();
    });
  });
}
