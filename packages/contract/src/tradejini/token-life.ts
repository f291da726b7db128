/** Seconds a Tradejini access token lives when the answer does not say: a day from issue, whatever the clock shows. */
export const TRADEJINI_TOKEN_LIFE = 86_400;

/**
 * Expiry of an access token: issue time plus `expires_in`.
 * @param issuedAt epoch seconds
 * @param expiresIn seconds, as the token endpoint answered; anything that is no such number counts as a day
 * @returns epoch seconds
 * @see protocol/tradejini.md 8
 */
export function tradejiniTokenExpiry(issuedAt: number, expiresIn?: number): number {
  const life = typeof expiresIn === "number" && expiresIn >= 0 && expiresIn < Number.POSITIVE_INFINITY;
  return Math.floor(issuedAt) + (life ? expiresIn : TRADEJINI_TOKEN_LIFE);
}
