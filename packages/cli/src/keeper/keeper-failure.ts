import type { KeeperErrorCode } from "@kunji/keeper";
import { CommandError, type ExitCode, exitCodes } from "../command-error.ts";

/** How a command ends, by what the keeper says went wrong. */
const exitCodeOf: Readonly<Record<KeeperErrorCode, ExitCode>> = {
  LOGIN_REQUIRED: exitCodes.loginNeeded,
  UNKNOWN_ACCOUNT: exitCodes.usedWrongly,
  LOGIN_DENIED: exitCodes.failed,
  LOGIN_TIMEOUT: exitCodes.loginNeeded,
  WRONG_USER: exitCodes.failed,
  LOGIN_FAILED: exitCodes.failed,
  WRONG_IP: exitCodes.failed,
  CLOSED: exitCodes.failed,
  BROKER_UNREACHABLE: exitCodes.brokerUnreachable,
  PORT_TAKEN: exitCodes.failed,
  VAULT_LOCKED: exitCodes.failed,
  VAULT_DAMAGED: exitCodes.failed,
  VAULT_UNSAFE: exitCodes.failed,
  VAULT_UNAVAILABLE: exitCodes.failed,
  SERVICE_UNREACHABLE: exitCodes.failed,
  USAGE: exitCodes.usedWrongly,
};

/** What an error of the keeper has to say for itself; anything with these two is taken for one. */
interface KeeperFailure {
  readonly message: string;
  readonly code: KeeperErrorCode;
  readonly nextStep?: string | undefined;
}

/**
 * The end of a command for an error of the keeper: the message, and beneath it what to do next. Others pass.
 * @param stopped ends when the person pressed Ctrl-C
 */
export function keeperFailure(error: unknown, stopped?: AbortSignal): unknown {
  if (stopped?.aborted) return new CommandError(exitCodes.failed, "Stopped.", { cause: error });
  if (!isKeeperFailure(error)) return error;
  const next = error.nextStep === undefined ? "" : `\n${error.nextStep}`;
  return new CommandError(exitCodeOf[error.code], `${sentence(error.message)}${next}`, { cause: error });
}

function isKeeperFailure(error: unknown): error is KeeperFailure {
  return (
    error instanceof Error && "code" in error && typeof error.code === "string" && Object.hasOwn(exitCodeOf, error.code)
  );
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
