// The thread that password-hash-pool.ts starts: one argon2 run at a time, so that they take no thread from file and DNS
// work (S-125). Plain JavaScript, since it is loaded by its address, from the sources and from a build alike.
import { parentPort } from "node:worker_threads";
import { hashSync, verifySync } from "@node-rs/argon2";

parentPort?.on("message", (/** @type {import("./password-hash-pool.ts").HashJob} */ { stored, pin, options }) => {
  try {
    const result = stored === undefined ? hashSync(pin, options) : verifySync(stored, pin, options);
    parentPort?.postMessage({ result });
  } catch (error) {
    parentPort?.postMessage({ failure: error instanceof Error ? error.message : "argon2 failed" });
  }
});
