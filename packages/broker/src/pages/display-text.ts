/** Longest app or account name a page shows, in characters (code points). */
export const displayNameLimit = 60;

/** A DNS name has at most 253 characters; the rest is room for the port. */
const hostLimit = 260;

/**
 * Anything that has no shape of its own, or changes how its neighbours look: control characters, format characters (bidi
 * overrides and isolates, zero-width joiners, tags), line and paragraph separators, lone surrogates, private-use and
 * unassigned code points, and the letters that render as nothing (Hangul fillers, blank Braille).
 */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u115F\u1160\u2800\u3164\uFFA0]|\u034F|\u17B4|\u17B5/gu;

/** More than four marks on one letter is no writing system; it is text drawn over the lines around it. */
const stackedMarks = /(\p{M}{4})\p{M}+/gu;

/**
 * Makes an untrusted name fit to show: no control, bidi or invisible characters, single spaces, at most
 * `displayNameLimit` characters (S-56). Escaping is not done here: the templates escape everything.
 * @returns never empty: a name of which nothing is left is shown as "Unnamed".
 */
export function displayName(name: string): string {
  return displayText(name, displayNameLimit) || "Unnamed";
}

/** A host name as `URL.host` gives it (so in punycode), stripped like a name and never longer than a host can be. */
export function displayHost(host: string): string {
  return displayText(host, hostLimit);
}

function displayText(text: string, limit: number): string {
  const clean = text
    .slice(0, limit * 20) // bounds the work on a hostile length; nobody reads that far
    .replace(/\s/gu, " ") // tabs and line breaks separate words, so they must not vanish
    .replace(invisible, "")
    .replace(stackedMarks, "$1")
    .replace(/ {2,}/g, " ")
    .trim();
  const characters = Array.from(clean);
  return characters.length <= limit
    ? clean
    : `${characters
        .slice(0, limit - 1)
        .join("")
        .trimEnd()}…`;
}
