/**
 * Files and folders for one user's eyes: checked when they are opened (S-93), replaced in one durable step (S-94).
 */
import { randomBytes } from "node:crypto";
import { type BigIntStats, constants } from "node:fs";
import { join } from "node:path";
import { KeeperError } from "../keeper-error.ts";
import type { FileSystem } from "./file-system.ts";
import { errorCode } from "./vault-failure.ts";

/** No file of ours comes near it; what is larger was not written by us. */
const MAX_BYTES = 1 << 20;
/** Windows has neither `O_NOFOLLOW` nor users as Unix knows them; there the profile folder's own rights guard. */
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const TEMPORARY = ".tmp";
const MOVE_AWAY = "Kunji did not put it there. Look at it, then move it away.";

/** @throws KeeperError `VAULT_UNSAFE` unless it is a folder of our own that nobody else may enter */
export async function requirePrivateFolder(fs: FileSystem, path: string): Promise<void> {
  const stats = await fs.lstat(path, { bigint: true });
  if (stats.isSymbolicLink()) throw unsafe(path, "is a symbolic link", "Name the folder that it leads to.");
  if (!stats.isDirectory()) throw unsafe(path, "is not a folder", MOVE_AWAY);
  requireOwn(path, stats, "700");
}

/** Creates it when it is not there, 0700 and with it every missing folder above, then checks it. */
export async function preparePrivateFolder(fs: FileSystem, path: string): Promise<void> {
  await fs.mkdir(path, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    // Something else of that name is there, a dangling link for instance: the check below says what.
    if (errorCode(error) !== "EEXIST" && errorCode(error) !== "ENOENT") throw error;
  });
  await requirePrivateFolder(fs, path);
}

/** The same inside a folder that must be there: a vault that was moved away is not made anew. */
export async function preparePrivateSubfolder(fs: FileSystem, path: string): Promise<void> {
  await fs.mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (errorCode(error) !== "EEXIST") throw error;
  });
  await requirePrivateFolder(fs, path);
}

/**
 * @param length reads only so many bytes from the beginning
 * @returns undefined when there is none
 * @throws KeeperError `VAULT_UNSAFE` for a link, another's file, or one that others may read or write
 */
export async function readPrivateFile(fs: FileSystem, path: string, length?: number): Promise<Buffer | undefined> {
  const file = await fs.open(path, READ).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    // ELOOP: O_NOFOLLOW met a link. FreeBSD says EMLINK.
    if (errorCode(error) === "ELOOP" || errorCode(error) === "EMLINK") {
      throw unsafe(path, "is a symbolic link", "Replace it by the file itself.");
    }
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const stats = await file.stat({ bigint: true });
    if (!stats.isFile()) throw unsafe(path, "is not a file", MOVE_AWAY);
    requireOwn(path, stats, "600");
    if (stats.size > MAX_BYTES) throw unsafe(path, "is larger than anything Kunji writes", MOVE_AWAY);
    const bytes = Buffer.alloc(Math.min(Number(stats.size), length ?? MAX_BYTES));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * Replaces a file, or creates it: durable when this resolves, and at every moment before readers and a crash find the
 * old or the new content (S-94). The caller keeps other writers away.
 *
 * A writer that is stopped loses its lock to another and may go on later. It still replaces nothing when everybody who
 * takes the lock sweeps first: if `mayReplace` found the lock held, the temporary file was there before the lock went
 * to somebody else, whose sweep removes it, and the rename finds nothing.
 * @param mayReplace rejects when the lock is lost; asked when the temporary file is there
 */
export async function replacePrivateFile(
  fs: FileSystem,
  folder: string,
  name: string,
  content: Buffer,
  mayReplace: () => Promise<void> = async () => {},
): Promise<void> {
  const path = join(folder, name);
  const temporary = join(folder, `${name}.${randomBytes(6).toString("hex")}${TEMPORARY}`);
  const before = await fs.lstat(path, { bigint: true }).catch(() => undefined);
  try {
    // Exclusive: never writes into what somebody else put there, a link for instance.
    const file = await fs.open(temporary, "wx", 0o600);
    try {
      await file.writeFile(content);
      await distinguish(file, before);
      // After a failed fsync the kernel may have dropped the pages: the temporary file is given up, never synced again.
      await file.sync();
    } finally {
      await file.close();
    }
    await mayReplace();
    await fs.rename(temporary, path);
  } catch (error) {
    await fs.unlink(temporary).catch(() => {});
    throw error;
  }
  await syncFolder(fs, folder);
}

type FileHandle = Awaited<ReturnType<FileSystem["open"]>>;

/**
 * A clock tick of the file system lasts milliseconds, and a freed inode may come back within it: two writes could
 * leave a file that looks unchanged. A time one millisecond past the old one tells them apart.
 */
async function distinguish(file: FileHandle, before: BigIntStats | undefined): Promise<void> {
  if (before === undefined) return;
  const { mtimeNs } = await file.stat({ bigint: true });
  if (mtimeNs > before.mtimeNs) return;
  const seconds = Number(before.mtimeNs / 1000n + 1000n) / 1e6;
  await file.utimes(seconds, seconds);
}

/** Makes renames and removals in a folder durable. */
export async function syncFolder(fs: FileSystem, folder: string): Promise<void> {
  // Windows opens no folders; NTFS journals renames by itself.
  if (process.platform === "win32") return;
  const handle = await fs.open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Removes what writers left behind that were killed, or stopped and may go on. Only for whoever keeps others away.
 * @param name sweeps what was to become this file alone
 */
export async function sweepTemporaryFiles(fs: FileSystem, folder: string, name = ""): Promise<void> {
  for (const found of await fs.readdir(folder)) {
    const isLeftover = found.endsWith(TEMPORARY) && (name === "" || found.startsWith(`${name}.`));
    if (isLeftover) await unlinkIfThere(fs, join(folder, found));
  }
}

/** @returns whether there was one */
export async function unlinkIfThere(fs: FileSystem, path: string): Promise<boolean> {
  try {
    await fs.unlink(path);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}

function requireOwn(path: string, stats: BigIntStats, mode: "600" | "700"): void {
  const user = process.getuid?.();
  if (user === undefined) return;
  if (Number(stats.uid) !== user) {
    throw unsafe(path, "belongs to another user", "Run Kunji as the user who made the vault.");
  }
  if ((stats.mode & 0o077n) !== 0n) {
    throw unsafe(path, "is open to other users", `If nobody else could have used it: chmod ${mode} ${path}`);
  }
}

function unsafe(path: string, why: string, nextStep: string): KeeperError {
  return new KeeperError("VAULT_UNSAFE", `${path} ${why}`, { nextStep });
}
