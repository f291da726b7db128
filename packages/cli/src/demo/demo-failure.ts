import { ApiException, CallbackException, NetworkException } from "@kunji/client";
import { CommandError, exitCodes } from "../command-error.ts";

/** Puts into words why a login did not come to its end. */
export function demoFailure(error: unknown, stopped: boolean): CommandError {
  if (error instanceof CommandError) return error;
  if (stopped) return new CommandError(exitCodes.failed, "Stopped before the login was done.", { cause: error });
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return new CommandError(exitCodes.loginNeeded, "Nobody logged in within five minutes.", { cause: error });
  }
  if (error instanceof CallbackException) {
    const why = error.error === "access_denied" ? "The login was cancelled on the login page." : `${error.message}.`;
    return new CommandError(exitCodes.loginNeeded, why, { cause: error });
  }
  if (error instanceof NetworkException) {
    return new CommandError(exitCodes.brokerUnreachable, `The broker did not answer: ${error.message}`, {
      cause: error,
    });
  }
  const what = error instanceof ApiException ? "The broker refused a call" : "The demo failed";
  return new CommandError(exitCodes.failed, `${what}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}
