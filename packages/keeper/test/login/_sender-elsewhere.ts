import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** A sender with a thread of its own, so that it hears its answer also while this thread stands still. */
export interface SenderElsewhere extends AsyncDisposable {
  /** Sends a POST, from over there. */
  readonly post: (url: string, body: string) => void;
  /**
   * Stands still until the whole answer has arrived over there.
   * @returns false when it does not: whoever would send it stands still here
   */
  readonly waitForAnswer: () => boolean;
}

/** How long nothing may come before nothing ever will. A right order never waits for it. */
const NEVER_MS = 5_000;

const SENDER = `
  const { request } = require("node:http");
  const { parentPort, workerData } = require("node:worker_threads");
  parentPort.on("message", ({ url, body }) => {
    const sent = request(url, { method: "POST" }, (answer) => {
      answer.resume().once("end", () => {
        Atomics.store(workerData, 0, 1);
        Atomics.notify(workerData, 0);
      });
    });
    sent.end(body);
  });
`;

export async function startSenderElsewhere(): Promise<SenderElsewhere> {
  const answered = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(SENDER, { eval: true, workerData: answered });
  await once(worker, "online");
  return {
    post: (url, body) => worker.postMessage({ url, body }),
    waitForAnswer: () => Atomics.wait(answered, 0, 0, NEVER_MS) !== "timed-out",
    [Symbol.asyncDispose]: async () => void (await worker.terminate()),
  };
}
