import { ApiException, ForbiddenException, NetworkException } from "@kunji/client";
import { bad, type Finding, warn } from "./finding.ts";

/**
 * What it means that the kept token did not get its owner's profile. Only a refused token is a token's fault. What the
 * broker wrote is not repeated: it may name the account.
 * @param error what the keeper's API objects threw
 */
export function tokenProblem(error: unknown, broker: string): Finding {
  if (codeOf(error) === "LOGIN_REQUIRED") {
    return bad("session", "The broker does not accept the kept token.", `Run: kunji login ${broker}`);
  }
  if (error instanceof ForbiddenException && error.wrongStaticIp) {
    const next = "Register this machine's public address with the broker, or run from the registered machine.";
    return bad("session", "The broker refuses this machine's address. The token is not the problem.", next);
  }
  return warn("session", `The token could not be tried: ${reasonOf(error)}.`, "Try again in a minute.");
}

function reasonOf(error: unknown): string {
  if (error instanceof NetworkException) return "no answer from the broker";
  if (error instanceof ApiException) return `the broker answered ${error.status}`;
  return codeOf(error) ?? "something unexpected happened";
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^[A-Z_]{1,40}$/.test(code) ? code : undefined;
}
