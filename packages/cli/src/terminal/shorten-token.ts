const SHOWN_AFTER_PREFIX = 4;
const SHOWN_AT_END = 2;

/**
 * Enough of a token to recognise it, and nothing to use: `kupx_at_01a2...9f`. A token too short to lose most of its
 * characters is not shown at all.
 */
export function shortenToken(token: string): string {
  const prefix = /^[a-z]+_[a-z]+_/.exec(token)?.[0] ?? "";
  const shown = prefix.length + SHOWN_AFTER_PREFIX;
  if (token.length < shown + SHOWN_AT_END + 24) return "...";
  return `${token.slice(0, shown)}...${token.slice(-SHOWN_AT_END)}`;
}
