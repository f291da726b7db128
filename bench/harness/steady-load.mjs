// The load at a steady rate. Each request has the moment at which it should leave, and its latency counts from there:
// what waits because the server is slow is not forgotten ("coordinated omission"). Several kinds of request may be mixed.
import { connect } from "node:net";
import { answerParent } from "./child-calls.mjs";
import { answerLength, isOk } from "./http-answer.mjs";
import { latencies } from "./latencies.mjs";

let running;
answerParent({
  run,
  /** What has happened since the last call, of the run under way. */
  progress: () => running?.takeProgress(),
});

/**
 * @param plan `port`, `connections`, `perSecond`, `seconds`, and `kinds`: `{ name, before, middles, after, share }`.
 * Shares are whole numbers: of each sum of shares so many requests are of that kind, evenly spread. `middles` go round.
 * `spin` keeps the load awake, which wants a core of its own; otherwise a request may leave up to a millisecond late,
 * which is counted against the server.
 * @returns `{ [name]: { count, p50, p99, p999, max } }` in milliseconds, and `seconds`
 */
async function run({ port, connections, perSecond, seconds, kinds, spin }) {
  const pattern = spread(kinds);
  const state = kinds.map(({ name }) => ({ name, next: 0, all: latencies(), recent: latencies() }));
  const planned = [];
  const free = await Promise.all(Array.from({ length: connections }, () => openConnection(port)));
  const total = Math.floor(perSecond * seconds);
  let sent = 0;
  let answered = 0;
  let fail;
  let finish;
  const done = new Promise((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  running = {
    takeProgress: () =>
      Object.fromEntries(
        state.map((kind) => {
          const { recent } = kind;
          kind.recent = latencies();
          return [kind.name, recent.summary()];
        }),
      ),
  };
  const start = performance.now();
  const dispatch = () => {
    while (planned.length > 0 && free.length > 0) {
      const { at, index } = planned.shift();
      // The one that has waited longest: a server closes what is idle for long, and with the newest first most would be.
      const connection = free.shift();
      const { before, middles, after } = kinds[index];
      const kind = state[index];
      const middle = middles[kind.next++ % middles.length];
      connection.send(before + middle + after).then(() => {
        const took = performance.now() - at;
        kind.all.add(took);
        kind.recent.add(took);
        free.push(connection);
        if (++answered === total) finish();
        else dispatch();
      }, fail);
    }
  };
  const tick = () => {
    const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * perSecond));
    for (; sent < due; sent++) {
      planned.push({ at: start + (sent / perSecond) * 1000, index: pattern[sent % pattern.length] });
    }
    dispatch();
    if (sent < total) (spin ? setImmediate : setTimeout)(tick, spin ? undefined : 1);
  };
  tick();
  await done;
  const took = (performance.now() - start) / 1000;
  for (const connection of free) connection.close();
  running = undefined;
  return { seconds: took, ...Object.fromEntries(state.map(({ name, all }) => [name, all.summary()])) };
}

/** Indices of the kinds, each as often as its share says and as far apart as possible. */
function spread(kinds) {
  const slots = kinds.flatMap(({ share = 1 }, index) =>
    Array.from({ length: share }, (_, turn) => ({ index, at: (turn + 0.5) / share })),
  );
  return slots.sort((a, b) => a.at - b.at).map(({ index }) => index);
}

function openConnection(port) {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  socket.setEncoding("latin1");
  let received = "";
  let settle;
  socket.on("data", (chunk) => {
    received = received === "" ? chunk : received + chunk;
    const length = answerLength(received);
    if (length === undefined || received.length < length) return;
    const answer = received;
    received = "";
    if (isOk(answer)) settle.resolve();
    else settle.reject(new Error(`unexpected answer: ${answer}`));
  });
  socket.on("error", (error) => settle?.reject(error));
  socket.on("close", () => settle?.reject(new Error("the server closed a connection")));
  const connection = {
    send: (text) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        socket.write(text, "latin1");
      }),
    close: () => {
      settle = undefined;
      socket.destroy();
    },
  };
  return new Promise((resolve, reject) => {
    settle = { resolve, reject };
    socket.once("connect", () => resolve(connection));
  });
}
