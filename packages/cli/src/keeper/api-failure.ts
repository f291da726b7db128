import { ApiException, NetworkException } from "@kunji/client";
import { CommandError, exitCodes } from "../command-error.ts";

/** A broker's refusal of a call, in words; others pass. The message of an ApiException holds no secret (S-73). */
export function apiFailure(error: unknown, broker: string): unknown {
  if (!(error instanceof ApiException)) return error;
  if (error instanceof NetworkException) {
    return new CommandError(exitCodes.brokerUnreachable, `${broker} did not answer: ${error.message}.`, {
      cause: error,
    });
  }
  const code = error.code === undefined ? "" : ` (${error.code})`;
  const exitCode = error.status >= 500 ? exitCodes.brokerUnreachable : exitCodes.failed;
  return new CommandError(exitCode, `${broker} refused the call: ${error.message}${code}.`, { cause: error });
}
