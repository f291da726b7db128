/**
 * The other way back from the broker: the person copies the redirected URL out of the address bar. For SSH, for phones,
 * and for redirect URIs nobody can listen on.
 */
import type { CheckedCallback } from "@kunji/client";
import { type ExpectedAnswer, judgeCallback } from "./callback-verdict.ts";
import type { Person } from "./login-way.ts";

const LONGEST_URL = 8_192;

/**
 * Reads what the person pastes until it is the answer to this login. Anything else is answered with the reason, and the
 * wait goes on.
 * @returns undefined when nothing more will be pasted
 * @throws CallbackException when the pasted answer is a no
 */
export async function readPastedAnswer(
  person: Person,
  redirectUri: string,
  expected: ExpectedAnswer,
  signal: AbortSignal,
): Promise<CheckedCallback | undefined> {
  for await (const line of person.pastedUrls?.(signal) ?? []) {
    const text = line.trim();
    if (text === "") continue;
    const problem = shapeProblem(text, redirectUri);
    if (problem !== undefined) {
      person.refusedPaste?.(problem);
      continue;
    }
    const verdict = judgeCallback(text, expected);
    if (verdict.kind === "answer") return verdict.callback;
    if (verdict.kind === "refusal") throw verdict.refusal;
    person.refusedPaste?.(NOISE[verdict.reason]);
  }
  return undefined;
}

const NOISE = {
  state: "That address belongs to another login. Paste the one that the login you just opened ended at.",
  malformed: "That address holds no answer. Copy all of it, up to its very end.",
} as const;

/** Why a text cannot be an answer; undefined when it can. What was pasted is not repeated: it may hold a code. */
function shapeProblem(text: string, redirectUri: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(text) || !URL.canParse(text)) {
    return `That is no address. Copy the whole address, beginning with ${redirectUri}, not only the code in it.`;
  }
  const { origin, pathname } = new URL(text);
  const registered = new URL(redirectUri);
  const isThere = origin === registered.origin && pathname === registered.pathname;
  if (isThere && text.length <= LONGEST_URL) return undefined;
  return `That is not the address the login ends at. It begins with ${redirectUri}`;
}
