/**
 * Starts the person's browser, with nothing secret in its arguments or environment (S-79).
 */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { openOneTimeLink } from "./one-time-link.ts";

/** Starts a browser at an address. @throws when there is none to start */
export type StartBrowser = (url: string, environment: NodeJS.ProcessEnv) => Promise<void>;

/**
 * Opens the login page in the person's browser. Show the address as well: nobody can tell whether a window appeared.
 * @param url the login page's, with its state
 * @returns whether a browser was started; never rejects
 */
export async function openBrowser(url: string, start: StartBrowser = startBrowser): Promise<boolean> {
  try {
    const link = await openOneTimeLink(url);
    try {
      await start(link.url, publicEnvironment(process.env));
      return true;
    } catch {
      link.close();
      return false;
    }
  } catch {
    return false;
  }
}

/** What a browser may inherit: everything but our own settings and what is named like a secret. */
export function publicEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isSecret = (name: string) => /^KUNJI_|^PG|secret|passw|passphrase|token|api_?key|credential/i.test(name);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !isSecret(name)));
}

/**
 * `open` gives its child the environment it finds. In a worker that is a copy of ours, so what is secret can be left out
 * there without taking it from anybody else.
 */
const startBrowser: StartBrowser = (url, env) =>
  new Promise((resolve, reject) => {
    const open = pathToFileURL(createRequire(import.meta.url).resolve("open")).href;
    const worker = new Worker(SCRIPT, { eval: true, env, workerData: { open, url } });
    worker.once("message", (problem: string | undefined) => {
      if (problem === undefined) resolve();
      else reject(new Error(problem));
    });
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("no browser was started")));
  });

const SCRIPT = `
const { parentPort, workerData } = require("node:worker_threads");
import(workerData.open)
  .then(({ default: open }) => open(workerData.url))
  .then(() => parentPort.postMessage(undefined), (error) => parentPort.postMessage(String(error.message)));
`;
