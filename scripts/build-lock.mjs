// One build at a time: test files that run side by side all ask for one.
import { open, readFile, rm } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";

const POLL_MS = 50;

/** Runs `work` while no other process that asks for the same lock file does. */
export async function withLock(path, work) {
  for (;;) {
    const file = await open(path, "wx").catch((error) => {
      if (error.code !== "EEXIST") throw error;
    });
    if (file) {
      try {
        await file.writeFile(String(process.pid));
        await file.close();
        return await work();
      } finally {
        await rm(path, { force: true });
      }
    }
    if (await isLeftBehind(path)) await rm(path, { force: true });
    else await wait(POLL_MS);
  }
}

/** A killed build leaves its lock. Its process number tells: nobody has it any more. */
async function isLeftBehind(path) {
  const text = await readFile(path, "utf8").catch(() => "");
  const pid = Number(text);
  // Empty: the holder is about to write its number.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}
