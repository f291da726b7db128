import type { BrokerParts } from "../parts.ts";
import { peekQuota, takeFromQuota } from "../store/throttles.ts";

const MINUTE_MS = 60_000;

/**
 * Wrong app secrets slow down the network source they come from and nobody else: the owner of the right secret is
 * never blocked by a stranger (S-23).
 * @returns seconds to wait; 0 when the source may try
 */
export async function isSourceBlocked(parts: BrokerParts, source: string, now: number): Promise<number> {
  const quota = { limit: parts.settings.KUNJI_BAD_SECRETS_PER_ADDRESS, windowMs: MINUTE_MS };
  const verdict = await parts.db.read(() => peekQuota(key(source), quota, now));
  return verdict.allowed ? 0 : Math.max(1, Math.ceil((verdict.retryAt - now) / 1000));
}

export async function countBadSecret(parts: BrokerParts, source: string, now: number): Promise<void> {
  const quota = { limit: parts.settings.KUNJI_BAD_SECRETS_PER_ADDRESS, windowMs: MINUTE_MS };
  await parts.db.write(() => takeFromQuota(key(source), quota, now));
}

function key(source: string): string {
  return `bad-secret:${source}`;
}
