/**
 * Tells whether the program on the webhook port is a keeper that listens for this account, without giving the key to
 * whoever it is: each side proves that it knows the key, bound to a number used once.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Secret } from "../secret.ts";
import { NOTIFIER_PATH } from "./notifier-address.ts";

const TIMEOUT_MS = 2_000;

/** Whether a keeper on this machine already receives this account's messages. */
export async function isReceivedHere(port: number, key: Secret, signal: AbortSignal): Promise<boolean> {
  const nonce = randomBytes(16).toString("base64url");
  try {
    const response = await fetch(`http://127.0.0.1:${port}${NOTIFIER_PATH}${nonce}.${proof(key, "question", nonce)}`, {
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const length = Number(response.headers.get("content-length") ?? Number.NaN);
    if (response.status === 200 && length < 100) return isSame(await response.text(), proof(key, "answer", nonce));
    await response.body?.cancel();
  } catch {
    signal.throwIfAborted();
  }
  return false;
}

/** The receiver's side. @returns undefined when nobody who knows one of the keys is asking */
export function answerProbe(question: string, keys: readonly Secret[]): string | undefined {
  const [nonce = "", given = ""] = question.split(".", 2);
  let answer: string | undefined;
  for (const key of keys) if (isSame(given, proof(key, "question", nonce))) answer = proof(key, "answer", nonce);
  return answer;
}

function proof(key: Secret, purpose: "question" | "answer", nonce: string): string {
  return createHmac("sha256", key.reveal()).update(`kunji receiver ${purpose} ${nonce}`).digest("base64url");
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
