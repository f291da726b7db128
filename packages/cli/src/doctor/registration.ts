import { createState } from "@kunji/client";
import type { AccountProfile } from "@kunji/keeper";
import { bad, type Finding, ok, skipped, warn } from "./finding.ts";

const TIMEOUT_MS = 10_000;

/**
 * Whether the broker knows the app with this redirect URI: it says so before it shows a login page. The page is asked
 * for and not followed; nobody is logged in by it.
 */
export async function checkRegistration(
  { way }: Pick<AccountProfile, "way">,
  loginUrl: (state: string) => string,
  title: string,
  fetchIt: typeof fetch,
): Promise<Finding[]> {
  if (way !== "browser") return [];
  let answer: Response;
  try {
    answer = await fetchIt(loginUrl(createState()), {
      redirect: "manual",
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await answer.body?.cancel();
  } catch {
    return [skipped("app", `${title} could not be asked about the app.`)];
  }
  if (answer.status < 400) return [ok("app", `${title} knows the app with this redirect URI.`)];
  if (answer.status === 429 || answer.status >= 500 || answer.status === 403) {
    return [warn("app", `${title} answered ${answer.status} instead of a login page.`, "Try again in a minute.")];
  }
  return [
    bad(
      "app",
      `${title} refuses the API key with this redirect URI (${answer.status}).`,
      "Compare both with the app's page at the broker, letter by letter, then: kunji accounts add --replace",
    ),
  ];
}
