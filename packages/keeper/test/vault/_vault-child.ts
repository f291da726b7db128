/**
 * A process with a vault: `_vault-child.ts COMMAND VAULT KEYS`, where VAULT is a folder or a postgres:// URL. It says
 * `ready` when the vault is open and begins when a line comes in. What it does is told in lines on its output.
 */
import { once } from "node:events";
import { appendFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openVault } from "../../src/vault/open-vault.ts";
import type { Vault } from "../../src/vault/vault.ts";

const [command = "", place = "", keys = "", extra = ""] = process.argv.slice(2);
const id = { broker: "upstox", account: "default" };
const session = { kind: "session", ...id } as const;
/** At once, also when the process is killed in the next instant. */
const say = (line: string) => writeSync(1, `${line}\n`);

const commands: Readonly<Record<string, (vault: Vault) => Promise<void>>> = {
  /** Writes 1, 2, 3 …, after what is there, and says each number when it is durable. */
  async write(vault) {
    const content = await vault.read(session);
    for (let number = Number(content?.split(" ")[0] ?? 0) + 1; ; number++) {
      // Long and short in turn: half of one would not pass for the other.
      await vault.write(session, `${number} ${"x".repeat(number % 2 === 0 ? 20_000 : 10)}`);
      say(String(number));
    }
  },
  /** Writes its own name so many times. */
  async contend(vault) {
    const count = Number(extra);
    for (let number = 1; number <= count; number++) await vault.write(session, `${process.pid} ${number}`);
    say("done");
  },
  /** Takes the lock, says so, and keeps it. */
  async hold(vault) {
    await vault.withLock(id, async () => {
      say("locked");
      await new Promise(() => setInterval(() => {}, 1_000));
    });
  },
  /** Takes the lock once and writes down when it came and went; `extra` is the file. */
  async queue(vault) {
    await vault.withLock(
      id,
      async () => {
        appendFileSync(extra, `+${process.pid}\n`);
        await vault.read(session);
        appendFileSync(extra, `-${process.pid}\n`);
      },
      { waiting: () => say("waiting") },
    );
    say("done");
  },
  /** Shows what a child of this process would inherit, and its own command line. */
  async show() {
    const { execFileSync } = await import("node:child_process");
    say(JSON.stringify({ child: execFileSync("env", { encoding: "utf8" }), argv: process.argv, title: process.title }));
  },
};

const vault = await openVault({
  vault: place,
  env: Object.assign(process.env, {
    KUNJI_HOME: keys,
    KUNJI_VAULT_KEY: process.env.KUNJI_VAULT_KEY ?? `file:${join(keys, "main.key")}`,
  }),
});
say("ready");
await once(process.stdin, "data");
process.stdin.pause();
await commands[command]?.(vault);
await vault.close();
