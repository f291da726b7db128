/**
 * One process of the tests: asks for a token and prints what happens, a line of JSON each. Its one argument says what
 * to do; secrets come through the vault alone. Bundled and started by `_processes.ts`.
 */
import { type KeeperEventType, openKeeper } from "../src/index.ts";

export interface Task {
  readonly broker: string;
  readonly account?: string;
  /** Whether this process may ask a person. */
  readonly canAsk: boolean;
  /** Wait for somebody else's login. */
  readonly wait: boolean;
  /** Ask at once, or when a line comes on stdin. */
  readonly onLine: boolean;
}

export type Said =
  | { readonly said: "ready" }
  | { readonly said: KeeperEventType }
  | { readonly said: "open"; readonly url: string }
  | { readonly said: "token"; readonly token: string; readonly at: number }
  | { readonly said: "failed"; readonly error: string };

const task = JSON.parse(process.argv[2] ?? "") as Task;

function say(what: Said): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

const person = { openLogin: ({ url }: { url: string }) => say({ said: "open", url }), awaitApproval() {} };
// Not `await using`: this runs on Node 20 as it is.
const keeper = await openKeeper({ wait: task.wait, ...(task.canAsk ? { person } : {}) });
keeper.on("loginRequired", () => say({ said: "loginRequired" }));
say({ said: "ready" });
if (task.onLine) {
  await new Promise((resolve) => process.stdin.once("data", resolve));
  process.stdin.destroy();
}
try {
  const token = await keeper.token(task.broker, { account: task.account });
  say({ said: "token", token, at: Date.now() });
} catch (error) {
  say({ said: "failed", error: String(error) });
} finally {
  await keeper.close();
}
