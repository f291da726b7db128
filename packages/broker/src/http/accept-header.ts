/** Reads `Accept`: does the caller want a page, and can it read JSON? (RFC 9110 12.5.1) */

/**
 * True when the caller names HTML and prefers it to JSON, as browsers do. `*\/*`, an empty and an absent header name
 * nothing: those are programs.
 */
export function wantsHtml(accept: string | undefined): boolean {
  if (accept === undefined || accept === "") return false;
  const ranges = parse(accept);
  const html = qualityOf(ranges, ["text/html", "application/xhtml+xml"]);
  if (html === undefined || html === 0) return false;
  return html >= (qualityOf(ranges, ["application/json"]) ?? 0);
}

/** True when a JSON answer is acceptable; false is a reason for 406. An absent or empty header accepts anything. */
export function acceptsJson(accept: string | undefined): boolean {
  // What the official SDKs and most programs send.
  if (accept === undefined || accept === "" || accept === "application/json" || accept === "*/*") return true;
  const ranges = parse(accept);
  // The most specific range decides: in `application/json;q=0, */*` that is the refusal.
  const quality =
    qualityOf(ranges, ["application/json"]) ?? qualityOf(ranges, ["application/*"]) ?? qualityOf(ranges, ["*/*"]);
  return quality !== undefined && quality > 0;
}

interface MediaRange {
  readonly type: string;
  readonly quality: number;
}

function parse(accept: string): MediaRange[] {
  return accept.split(",").map((element) => {
    const [type = "", ...parameters] = element.split(";");
    return { type: type.trim().toLowerCase(), quality: qualityIn(parameters) };
  });
}

function qualityIn(parameters: readonly string[]): number {
  const weight = parameters.map((text) => text.trim()).find((text) => /^q=/i.test(text));
  if (weight === undefined) return 1;
  const value = weight.slice(2);
  // A weight that is no number says nothing we could act on: the range counts as not listed.
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(value) ? Number(value) : 0;
}

/** The highest weight given to one of these ranges; undefined when none is listed. */
function qualityOf(ranges: readonly MediaRange[], types: readonly string[]): number | undefined {
  const weights = ranges.filter((range) => types.includes(range.type)).map((range) => range.quality);
  return weights.length === 0 ? undefined : Math.max(...weights);
}
