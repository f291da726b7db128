import { KeeperError } from "../keeper-error.ts";

/** The code of a system error, `ENOENT` for instance. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** A KeeperError as it is; anything else as `VAULT_UNAVAILABLE`. @param what as in `could not be written` */
export function vaultFailure(error: unknown, place: string, what: string): KeeperError {
  if (error instanceof KeeperError) return error;
  const code = errorCode(error);
  return new KeeperError("VAULT_UNAVAILABLE", `the vault ${place} ${what}${code === undefined ? "" : ` (${code})`}`, {
    cause: error,
    nextStep: NEXT_STEPS[code ?? ""],
  });
}

/** Shown to whoever lost a lock in the middle of its work. */
export const BROKEN_OFF = "What was under way was broken off. Try again.";

const NEXT_STEPS: Readonly<Record<string, string>> = {
  ENOSPC: "The disk is full. Make room and try again; nothing that was stored before is lost.",
  EDQUOT: "Your disk quota is used up. Make room and try again; nothing that was stored before is lost.",
  EROFS: "The file system is read-only.",
  EACCES: "The vault belongs to another user, or a folder above it is closed to you.",
  EPERM: "The vault belongs to another user, or the file system allows no such change.",
  ENOENT: "It was moved away or removed, or its disk is not mounted. Put it back.",
  ENOTDIR: "A part of its path is no folder. Name another place with KUNJI_VAULT or KUNJI_HOME.",
  ELOOP: "A symbolic link in its path leads back to itself. Replace it by a folder.",
  ENAMETOOLONG: "Its path is too long. Name a shorter place with KUNJI_VAULT or KUNJI_HOME.",
  EMFILE: "This process has too many files open: raise its limit (ulimit -n).",
  ENFILE: "This machine has too many files open. End what you do not need.",
  ESTALE: "The network share it lies on is away. Try again when it is back.",
  ETIMEDOUT: "The network share it lies on does not answer. Try again when it is back.",
  EIO: "The disk reports errors. Check it before anything else.",
};

/** For entries that were set aside already, where the work can go on. @throws everything but `VAULT_DAMAGED` */
export function unlessDamaged(error: unknown): undefined {
  if (error instanceof KeeperError && error.code === "VAULT_DAMAGED") return undefined;
  throw error;
}
