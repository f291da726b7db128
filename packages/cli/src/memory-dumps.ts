import { writeFileSync } from "node:fs";

/** Which parts of this process's memory a core dump holds; what it starts inherits that. */
const LINUX_FILTER = "/proc/self/coredump_filter";

/**
 * Keeps keys and tokens out of crash dumps as far as Node can (S-79). Node cannot set a limit on the size of core dumps,
 * but on Linux a process says for itself what one of it may hold: here, nothing. Elsewhere the operator switches dumps
 * off (docs/operations.md).
 * @see https://man7.org/linux/man-pages/man5/core.5.html "Controlling which mappings are written to the core dump"
 * @returns false where a core dump could still hold memory
 */
export function keepMemoryOutOfDumps(platform: NodeJS.Platform, filter = LINUX_FILTER): boolean {
  if (platform !== "linux") return false;
  try {
    writeFileSync(filter, "0");
    return true;
  } catch {
    return false;
  }
}
