// CPU of a process and everything it has started, out of Linux's /proc. Elsewhere all figures are 0.
import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks a second in /proc; Linux has had this number everywhere for decades. */
const TICKS = 100;

/** Microseconds of CPU of a process and its descendants so far, also of those that have ended. */
export function familyCpu(root) {
  const processes = new Map();
  for (const name of safely(() => readdirSync("/proc")) ?? []) {
    if (!/^\d+$/.test(name)) continue;
    const stat = safely(() => readFileSync(`/proc/${name}/stat`, "utf8"));
    if (stat === undefined) continue;
    // The second field is the program's name, in brackets, and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
    processes.set(Number(name), { parent: Number(fields[1]), ticks });
  }
  const isFamily = (id) => id === root || (processes.has(id) && isFamily(processes.get(id).parent));
  const ticks = [...processes].filter(([id]) => isFamily(id)).reduce((sum, [, each]) => sum + each.ticks, 0);
  return (ticks / TICKS) * 1e6;
}

/** Microseconds the cores of the machine were busy, and idle, since it started. */
export function machineCpu() {
  const text = safely(() => readFileSync("/proc/stat", "utf8"));
  if (text === undefined) return { busy: 0, idle: 0 };
  const [user, nice, system, idle, waiting, irq, softIrq, stolen] = text
    .split("\n", 1)[0]
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const toMicroseconds = (ticks) => (ticks / TICKS) * 1e6;
  return { busy: toMicroseconds(user + nice + system + irq + softIrq + stolen), idle: toMicroseconds(idle + waiting) };
}

function safely(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}
