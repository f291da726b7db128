import { UnauthorizedException } from "@kunji/client";
import type { DemoStep } from "./demo-report.ts";

/**
 * Shows that a token no longer works.
 * @param call a call with that token
 * @param subject what was called, with its verb: "the profile answers"
 * @throws Error when the call goes through
 */
export async function proveDead(call: () => Promise<unknown>, subject: string): Promise<DemoStep> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof UnauthorizedException)) throw error;
    const detail = `${subject} ${error.status} ${error.code ?? ""}`.trimEnd();
    return { name: "token_refused", title: "The token is dead", detail };
  }
  throw new Error("the token still works after logout");
}
