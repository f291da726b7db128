/** The socket's place in the file system: one living service at a time, and what a killed one left is replaced. */
import { lstat, rm } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { KeeperError } from "../keeper-error.ts";
import { nodeFileSystem } from "../vault/file-system.ts";
import { TicketQueue } from "../vault/ticket-queue.ts";

/** Of `sun_path`: 108 bytes on Linux, 104 on macOS, with the zero at its end. */
const LONGEST_PATH = 103;
/** Folder beside the socket: whoever starts a service here waits in it for the one before. */
const STARTS = "starts";

/**
 * Makes sure that nobody listens at `path`, removes what a killed process left there, and runs `listen` before another
 * process can do the same.
 * @throws KeeperError `PORT_TAKEN` when a service lives there, `USAGE` when the path cannot be a socket
 */
export async function claimSocket(path: string, listen: () => Promise<void>): Promise<void> {
  if (Buffer.byteLength(path) > LONGEST_PATH) {
    throw new KeeperError("USAGE", `the socket's path is longer than ${LONGEST_PATH} bytes: ${path}`, {
      nextStep: "Set KUNJI_HOME to a shorter directory.",
    });
  }
  const turn = await new TicketQueue(nodeFileSystem, join(dirname(path), STARTS)).enter();
  try {
    const found = await lstat(path).catch(() => undefined);
    if (found && !found.isSocket()) {
      throw new KeeperError("USAGE", `${path} is in the way: it is not a socket`, {
        nextStep: "Move that file away and start again.",
      });
    }
    if (found && (await isAlive(path))) {
      throw new KeeperError("PORT_TAKEN", `another keeper already runs on ${path}`, {
        nextStep: "Use that one, or stop it first.",
      });
    }
    if (found) {
      // Whoever was stopped since may have lost its turn, and what lies here now is another's.
      await turn.requireHeld();
      await rm(path);
    }
    await listen();
  } finally {
    await turn.release();
  }
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED" || error.code === "ENOENT") resolve(false);
      // Somebody listens and is too busy to say so.
      else if (error.code === "EAGAIN") resolve(true);
      else reject(error);
    });
  });
}
