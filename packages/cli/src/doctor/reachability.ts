import { bad, type Finding, ok, warn } from "./finding.ts";

/** Beyond this, one-time codes begin to fail and a token's end is misjudged (S-74). */
const SKEW_WARN_SECONDS = 5;
/** Beyond this, TOTP codes are refused: one step of 30 s to either side counts. */
const SKEW_BAD_SECONDS = 30;
const TIMEOUT_MS = 10_000;

export interface Reached {
  readonly findings: readonly Finding[];
  readonly isReachable: boolean;
}

export interface ReachabilityTools {
  readonly fetch: typeof fetch;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Whether the broker's API answers at all, and whether its clock and ours agree. @param title as people read it */
export async function checkReachability(title: string, host: string, tools: ReachabilityTools): Promise<Reached> {
  const before = tools.now();
  let answer: Response;
  try {
    answer = await tools.fetch(host, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
    await answer.body?.cancel();
  } catch (error) {
    const finding = bad("reachable", `${title} cannot be reached: ${reasonOf(error)}.`, nextStepFor(error));
    return { findings: [finding], isReachable: false };
  }
  const clock = checkClock(title, answer.headers.get("date"), (before + tools.now()) / 2);
  const isPage = answer.status === 403;
  const reach = isPage
    ? warn("reachable", `${title} answers with 403: a gateway may refuse this machine or its address.`)
    : ok("reachable", `${title} answers.`);
  return { findings: [reach, clock], isReachable: true };
}

function checkClock(title: string, date: string | null, now: number): Finding {
  const theirs = Date.parse(date ?? "");
  if (Number.isNaN(theirs)) return warn("clock", `${title} sends no date; this machine's clock could not be compared.`);
  // The header is cut to whole seconds.
  const ahead = Math.round((now - theirs - 500) / 1000);
  if (Math.abs(ahead) <= SKEW_WARN_SECONDS) return ok("clock", `This machine's clock and ${title}'s agree.`);
  const text = `This machine's clock is ${Math.abs(ahead)} s ${ahead > 0 ? "ahead of" : "behind"} ${title}'s.`;
  const nextStep = "Switch on time synchronisation (NTP).";
  return Math.abs(ahead) >= SKEW_BAD_SECONDS ? bad("clock", text, nextStep) : warn("clock", text, nextStep);
}

function codeOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : undefined;
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError") return `no answer in ${TIMEOUT_MS / 1000} s`;
  const code = codeOf(error);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "its name cannot be resolved";
  if (code === "ECONNREFUSED") return "the connection was refused";
  return code ?? "the connection failed";
}

function nextStepFor(error: unknown): string {
  const code = codeOf(error);
  if (code?.startsWith("ERR_TLS") || code?.includes("CERT"))
    return "Its certificate is not trusted: a proxy in between?";
  return "Check the network, and the KUNJI_*_URL variables if you set any.";
}
