import type { BrokerContext } from "../broker-context.ts";
import type { RateWindow } from "../http/rate-limit.ts";
import { TradejiniError } from "./error-body.ts";

/** Counts a call in a zone. @throws TradejiniError `TOO_MANY` */
export type Zone = (key: string) => void;

/** The vendor's rate zones: each has a key and a limit of its own. @see protocol/tradejini.md 8 */
export interface Zones {
  /** `individual-token-v2`; by network source. */
  readonly otp: Zone;
  /** Calls that carry an API key and no token; by `keyZoneKey()`. */
  readonly apiKey: Zone;
  /** Account data; by token. */
  readonly data: Zone;
  /** Every other call with a token, all together; by token. */
  readonly general: Zone;
}

export function createZones({ settings, createQuota }: Pick<BrokerContext, "settings" | "createQuota">): Zones {
  const zone = (...windows: RateWindow[]): Zone => {
    const limiter = createQuota(...windows);
    return (key) => {
      const wait = limiter.take(key);
      if (wait > 0) throw new TradejiniError("TOO_MANY", { retryAfterSeconds: wait });
    };
  };
  return {
    otp: zone({ limit: settings.KUNJI_TRADEJINI_OTP_PER_SECOND, seconds: 1 }),
    apiKey: zone({ limit: settings.KUNJI_TRADEJINI_KEY_PER_SECOND, seconds: 1 }),
    data: zone({ limit: settings.KUNJI_TRADEJINI_DATA_PER_SECOND, seconds: 1 }),
    general: zone(
      { limit: settings.KUNJI_TRADEJINI_GENERAL_PER_SECOND, seconds: 1 },
      { limit: settings.KUNJI_TRADEJINI_GENERAL_PER_MINUTE, seconds: 60 },
    ),
  };
}

/**
 * The key of the API key zone. An API key is public and proves nothing, so the source is part of it: else a stranger
 * could use up the quota of an app (S-23). Keys that cannot be real share one place, whatever their length (S-127).
 */
export function keyZoneKey(apiKey: string | undefined, source: string): string {
  return `${apiKey !== undefined && isApiKey(apiKey) ? apiKey : ""} ${source}`;
}

/** 32 hex digits in the vendor's samples; other registered names of an app work too. */
export function isApiKey(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(text);
}
