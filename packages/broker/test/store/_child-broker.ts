import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A broker in another process. */
export interface ChildBroker {
  readonly url: string;
  /** Codes it has issued for the first demo customer. */
  readonly codes: readonly string[];
  /** SIGKILL: no handler runs, nothing is flushed. Resolves when the process is gone. */
  readonly kill: () => Promise<void>;
}

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** @param database URL, as `--database` has it */
export async function startChildBroker(database: string, masterKey: Buffer, codes: number): Promise<ChildBroker> {
  const child = spawn(
    process.execPath,
    [
      "--conditions=kunji-source",
      "--import",
      new URL("_typescript-hooks.mjs", import.meta.url).href,
      here("_broker-child.ts"),
      database,
      masterKey.toString("hex"),
      String(codes),
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  const gone = once(child, "exit");
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const [url, issued] = [await lines.next(), await lines.next()];
  if (url.done || issued.done) throw new Error(`the child broker did not start: ${complaints}`);
  return {
    url: url.value,
    codes: issued.value.split(" "),
    async kill() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** A directory that is removed when the test is over. */
export function temporaryDirectory(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "kunji-test-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
