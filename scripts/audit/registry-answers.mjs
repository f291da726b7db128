// What `npm audit` and `npm audit signatures` said, told apart: nothing wrong, something wrong, nobody to ask.

/** The registry has no such endpoint, or a proxy before it has no registry. */
const NO_ENDPOINT = /^(?:E?40[45]|410|501|50[234])\b/;
const NOBODY_THERE =
  /\b(?:ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)\b|network timeout/;
const UNSUPPORTED = /found no (?:installed )?dependencies to audit/;

/** @param {{ code: number, stdout: string, stderr: string }} outcome of `npm audit --json` */
export function readKnownWeaknesses({ code, stdout, stderr }) {
  const answer = parse(stdout);
  const counts = answer?.metadata?.vulnerabilities;
  if (counts === undefined) return noAnswer(answer, stderr);
  const text = `${counts.critical} critical, ${counts.high} high, ${counts.moderate} moderate, ${counts.low} low`;
  if (code === 0 && counts.critical + counts.high === 0) return { state: "ok", text };
  const serious = Object.values(answer.vulnerabilities)
    .filter(({ severity }) => severity === "high" || severity === "critical")
    .map(({ name, severity }) => `${name} (${severity})`);
  return { state: "failed", text: `${text}: ${serious.join(", ")}` };
}

/** @param {{ code: number, stdout: string, stderr: string }} outcome of `npm audit signatures --json` */
export function readSignatures({ code, stdout, stderr }) {
  const answer = parse(stdout);
  if (answer?.invalid === undefined) {
    if (UNSUPPORTED.test(stderr)) return { state: "unasked", text: "this registry signs nothing" };
    return noAnswer(answer, stderr);
  }
  const { invalid, missing = [] } = answer;
  if (code === 0) return { state: "ok", text: "every package is signed by its registry" };
  const named = (list) => list.map(({ name, version }) => `${name}@${version}`).join(", ");
  return { state: "failed", text: `invalid: ${named(invalid) || "none"}; missing: ${named(missing) || "none"}` };
}

function noAnswer(answer, stderr) {
  const reason = answer?.message ?? answer?.error?.summary ?? stderr.trim().split("\n")[0] ?? "";
  const isUnasked = NO_ENDPOINT.test(answer?.error?.code ?? reason) || NOBODY_THERE.test(reason);
  const state = isUnasked ? "unasked" : "failed";
  // One line, and no address of a registry: whose it is is nobody's business in a log.
  return { state, text: reason.replaceAll(/https?:\/\/[^\s,]+/g, "the registry").split("\n")[0] };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
