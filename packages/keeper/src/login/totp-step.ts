/**
 * The 30-second steps of one-time codes, and which of them an account has used: a broker takes each step once (S-45), so
 * a second code of the same step would be a failed try, and failed tries block accounts.
 */
import { type AccountId, accountLabel } from "../account.ts";
import { readRecord } from "../record-fields.ts";
import type { Vault } from "../vault/vault.ts";

export const STEP_SECONDS = 30;
const VERSION = 1;
/** A code is not sent in the last seconds of its step: it would be stale when it arrives. */
const MIN_SECONDS_LEFT = 2;

/** Number of the step at this moment. @param seconds epoch seconds by the broker's clock */
export function stepAt(seconds: number): number {
  return Math.floor(seconds / STEP_SECONDS);
}

/** Seconds until a code can be sent: 0, unless this step was used or is nearly over. */
export function secondsToWait(seconds: number, usedStep: number | undefined): number {
  const step = stepAt(seconds);
  const left = (step + 1) * STEP_SECONDS - seconds;
  if (usedStep === undefined || usedStep < step) return left < MIN_SECONDS_LEFT ? left : 0;
  // A used step further ahead was noted while this machine's clock was wrong.
  return usedStep > step + 1 ? 0 : (usedStep + 1) * STEP_SECONDS - seconds;
}

/** What the account's `pending` entry holds with this way in: the step that was sent last. */
function stepEntry({ broker, account }: AccountId) {
  return { broker, account, kind: "pending" } as const;
}

/** Written before the code is sent, so that a crash does not forget it. */
export async function noteUsedStep(vault: Vault, id: AccountId, step: number): Promise<void> {
  await vault.write(stepEntry(id), JSON.stringify({ version: VERSION, way: "totp", step }));
}

/** @throws KeeperError `VAULT_DAMAGED` */
export async function readUsedStep(vault: Vault, id: AccountId): Promise<number | undefined> {
  const content = await vault.read(stepEntry(id));
  if (content === undefined) return undefined;
  const record = readRecord(content, `the last one-time code of ${accountLabel(id)}`, VERSION);
  return record.text("way") === "totp" ? record.number("step") : undefined;
}
