import { CommandError, exitCodes } from "../command-error.ts";
import type { ServePlan } from "./serve-plan.ts";

/** Puts into words why the broker did not start. */
export function startFailure(error: unknown, plan: Pick<ServePlan, "port" | "host">): CommandError {
  const { code, message } = error as NodeJS.ErrnoException;
  const words: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${plan.port} is taken. Stop what listens there, or choose another one with --port; 0 takes a free one.`,
    EACCES: `Port ${plan.port} needs more rights than this user has. Choose one above 1023 with --port.`,
    EADDRNOTAVAIL: `${plan.host} is no address of this machine: see --host.`,
    ENOTFOUND: `${plan.host} is no address of this machine: see --host.`,
  };
  const known = code === undefined ? undefined : words[code];
  // Settings that only their reader can judge, such as the message sender's URL.
  const exitCode = known === undefined && error instanceof TypeError ? exitCodes.usedWrongly : exitCodes.failed;
  return new CommandError(exitCode, known ?? `The broker did not start: ${message}`, { cause: error });
}
