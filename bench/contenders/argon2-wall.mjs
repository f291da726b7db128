// How many argon2id hashes at the broker's cost this machine does: one thread per core, nothing else.
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { answerParent } from "../harness/child-calls.mjs";

const WORKER = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { hashSync } = require("@node-rs/argon2");
  let hashes = 0;
  const end = performance.now() + workerData.seconds * 1000;
  while (performance.now() < end) {
    hashSync("123456", { memoryCost: 19456, timeCost: 2, parallelism: 1 });
    hashes++;
  }
  parentPort.postMessage(hashes);
`;

answerParent({ run });

/** @returns hashes a second, and milliseconds of CPU each */
async function run({ seconds, spareCores }) {
  const width = Math.max(1, availableParallelism() - spareCores);
  const before = process.cpuUsage();
  const start = performance.now();
  const counts = await Promise.all(Array.from({ length: width }, () => hashFor(seconds)));
  const took = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  const hashes = counts.reduce((sum, count) => sum + count, 0);
  return { perSecond: hashes / took, cpuMsPerHash: (user + system) / 1000 / hashes };
}

function hashFor(seconds) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(WORKER, { eval: true, workerData: { seconds } });
    worker.on("message", resolve);
    worker.on("error", reject);
  });
}
