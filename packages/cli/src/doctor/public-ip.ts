import { isIP } from "node:net";
import { bad, type Finding, ok, skipped, warn } from "./finding.ts";

const TIMEOUT_MS = 10_000;
/** An address and a line end; nobody's page. */
const MOST_BYTES = 256;

/**
 * Compares this machine's public address with the ones registered at the broker. Only asks the address the person named:
 * who asks a stranger for his own address tells him so.
 * @param registered undefined when they could not be read
 */
export async function checkPublicIp(
  registered: readonly string[] | undefined,
  askUrl: string | undefined,
  fetchIt: typeof fetch,
): Promise<Finding> {
  if (registered === undefined) return skipped("static-ip", "The registered IPs can be read only with a valid token.");
  if (registered.length === 0) return ok("static-ip", "No static IP is registered.");
  if (askUrl === undefined) {
    return skipped("static-ip", `${registered.length} static IP registered; say --public-ip-from URL to compare.`);
  }
  const mine = await askFor(askUrl, fetchIt);
  if (mine === undefined)
    return warn("static-ip", "The address given with --public-ip-from did not answer with an IP.");
  if (registered.some((ip) => sameAddress(ip, mine))) return ok("static-ip", "This machine's public IP is registered.");
  return bad(
    "static-ip",
    "This machine's public IP is not one of the registered ones: orders from here will be refused.",
    "Register it with the broker, or run from the registered machine. Tokens are not the problem.",
  );
}

async function askFor(url: string, fetchIt: typeof fetch): Promise<string | undefined> {
  try {
    const answer = await fetchIt(url, { redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = (await answer.text()).slice(0, MOST_BYTES).trim();
    return isIP(text) === 0 ? undefined : text;
  } catch {
    return undefined;
  }
}

function sameAddress(a: string, b: string): boolean {
  return canonical(a) === canonical(b);
}

/** One spelling per address; IPv6 has many. */
function canonical(ip: string): string {
  return isIP(ip) === 6 ? new URL(`http://[${ip}]`).hostname : ip;
}
