import type { BrokerParts } from "../parts.ts";
import { judgeQuota, peekQuota, type Quota, type ThrottleVerdict, takeFromQuota } from "../store/throttles.ts";

const MINUTE_MS = 60_000;

/**
 * Wrong app secrets slow down the network source they come from and nobody else: the owner of the right secret is
 * never blocked by a stranger (S-23).
 * @returns seconds to wait; 0 when the source may try
 */
export async function isSourceBlocked(parts: BrokerParts, source: string, now: number): Promise<number> {
  return secondsOf(await parts.db.read(() => peekQuota(throttleKeyOf(source), quotaOf(parts), now)), now);
}

/** The same, of a row that was read along with others. @param row what is stored under `throttleKeyOf(source)` */
export function secondsBlocked(parts: BrokerParts, row: Parameters<typeof judgeQuota>[0], now: number): number {
  return secondsOf(judgeQuota(row, quotaOf(parts), now), now);
}

export async function countBadSecret(parts: BrokerParts, source: string, now: number): Promise<void> {
  await parts.db.write(() => takeFromQuota(throttleKeyOf(source), quotaOf(parts), now));
}

/** Under which a source's wrong secrets are counted. */
export function throttleKeyOf(source: string): string {
  return `bad-secret:${source}`;
}

function quotaOf({ settings }: BrokerParts): Quota {
  return { limit: settings.KUNJI_BAD_SECRETS_PER_ADDRESS, windowMs: MINUTE_MS };
}

function secondsOf(verdict: ThrottleVerdict, now: number): number {
  return verdict.allowed ? 0 : Math.max(1, Math.ceil((verdict.retryAt - now) / 1000));
}
