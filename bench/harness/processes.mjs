// Starts contenders, each in a process and on a core of its own, and stops them.
import { spawn, spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { callChild } from "./child-calls.mjs";

/** Servers and load do not take each other's time: one core each. */
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;
/** Wherever there is time: for what runs on all cores in earnest, too. */
export const ANY_CORE = undefined;

/** Whether processes are pinned; without `taskset` or a second core the figures say less. */
export const isPinned = availableParallelism() >= 2 && spawnSync("taskset", ["--version"]).status === 0;

/** Command and arguments that run `node ...arguments_` on a core. */
export function nodeOn(core, arguments_) {
  return isPinned && core !== ANY_CORE
    ? ["taskset", ["-c", String(core), process.execPath, ...arguments_]]
    : [process.execPath, arguments_];
}

/**
 * Starts a contender.
 * @param module URL of its file, which calls `answerParent()`
 * @param core SERVER_CORE, LOAD_CORE or ANY_CORE
 * @param env variables beside those of the bench
 * @returns `{ call(name, argument), told(name), stop(), kill() }`; `told` resolves when it next says `{ [name]: true }`
 */
export function startContender(module, core, env = {}) {
  // NODE_OPTIONS of whoever starts the bench stay: that is how a profile is taken.
  const [command, arguments_] = nodeOn(core, [fileURLToPath(module)]);
  const child = spawn(command, arguments_, {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    serialization: "advanced",
    env: { ...process.env, ...env },
  });
  child.nextCall = 0;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  return {
    call: (name, argument) => callChild(child, name, argument),
    told: (name) =>
      new Promise((resolve) => {
        const onMessage = (message) => {
          if (message[name] !== true) return;
          child.off("message", onMessage);
          resolve();
        };
        child.on("message", onMessage);
      }),
    stop: async () => {
      if (child.connected) child.disconnect();
      await gone;
    },
    /** As a power cut would: nothing is finished. */
    kill: async () => {
      child.kill("SIGKILL");
      await gone;
    },
  };
}
