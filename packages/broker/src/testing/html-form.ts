/** A form as a browser sees it: where it posts and what its fields hold. */
export interface HtmlForm {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Names of the fields a person fills in. */
  readonly inputs: readonly string[];
}

/**
 * Reads the first form of a page: the one that goes on to the next step (design.md section 5). Meant for the broker's
 * own pages, which are well formed.
 * @returns undefined when the page has no form
 */
export function readFirstForm(html: string): HtmlForm | undefined {
  const form = /<form\b([^>]*)>([\s\S]*?)<\/form>/.exec(html);
  if (!form) return undefined;
  const fields: Record<string, string> = {};
  const inputs: string[] = [];
  for (const [, attributes = ""] of (form[2] ?? "").matchAll(/<input\b([^>]*)>/g)) {
    const name = attribute(attributes, "name");
    if (name === undefined) continue;
    // Of several choices with one name the chosen one counts.
    if (attribute(attributes, "type") === "radio" && !/\schecked(?:\s|=|$|\/)/.test(attributes)) continue;
    fields[name] = attribute(attributes, "value") ?? "";
    if (attribute(attributes, "type") !== "hidden") inputs.push(name);
  }
  const button = /<button\b([^>]*)>/.exec(form[2] ?? "")?.[1] ?? "";
  const decision = attribute(button, "name");
  if (decision !== undefined) fields[decision] = attribute(button, "value") ?? "";
  return { action: attribute(form[1] ?? "", "action") ?? "", fields, inputs };
}

/** Text of the page's alert or status line, if it has one. */
export function readNotice(html: string): string | undefined {
  const line = /<(\w+)[^>]*role="(?:alert|status)"[^>]*>([\s\S]*?)<\/\1>/.exec(html)?.[2];
  return line === undefined ? undefined : decodeEntities(line.replaceAll(/<[^>]*>/g, "")).trim();
}

/** Text of the page's heading. */
export function readHeading(html: string): string {
  return decodeEntities(/<h1[^>]*>([\s\S]*?)<\/h1>/.exec(html)?.[1]?.replaceAll(/<[^>]*>/g, "") ?? "").trim();
}

function attribute(attributes: string, name: string): string | undefined {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1];
  return value === undefined ? undefined : decodeEntities(value);
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

function decodeEntities(text: string): string {
  return text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name] ?? "");
}
