/**
 * Who holds a ticket, and whether that process still lives.
 */
import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in clock ticks since boot: a number that is used again does not pass for the old process. */
  readonly started: string;
  /** This boot of this machine, and this container's own numbering of processes. */
  readonly machine: string;
}

/** Linux tells all three. Elsewhere `started` is "0", and nothing can be said about another process for certain. */
export function ownIdentity(): ProcessIdentity {
  own ??= readOwn();
  return own;
}

let own: ProcessIdentity | undefined;

function readOwn(): ProcessIdentity {
  const { pid } = process;
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const machine = shortDigest(`${boot} ${readlinkSync("/proc/self/ns/pid")}`);
    const started = startOf(pid);
    if (started !== undefined) return { pid, started, machine };
  } catch {
    // Not Linux, or /proc is hidden.
  }
  return { pid, started: "0", machine: shortDigest(hostname()) };
}

/** `unknown`: of another machine or container, or a system that does not tell. */
export function lifeOf({ pid, started, machine }: ProcessIdentity): "alive" | "dead" | "unknown" {
  if (started === "0" || ownIdentity().started === "0" || machine !== ownIdentity().machine) return "unknown";
  return startOf(pid) === started ? "alive" : "dead";
}

/** @returns undefined when there is no such process, or only what is left of a dead one */
function startOf(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // "pid (name) state …": a name may hold spaces and brackets. Start time is field 22, state field 3.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

function shortDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
