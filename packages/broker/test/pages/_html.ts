/** Just enough reading of HTML for tests of our own output: double-quoted attributes, void elements, no raw `<` in text. */

export interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

const tagPattern = /<([a-z][a-z0-9]*)((?:\s+[^\s=>"'/]+(?:="[^"]*")?)*)\s*\/?>/gi;
const attributePattern = /\s+([^\s=>"'/]+)(?:="([^"]*)")?/g;

/** Every start tag, in order. */
export function tagsOf(html: string): Tag[] {
  return [...html.matchAll(tagPattern)].map(([, name = "", source = ""]) => ({
    name,
    attributes: new Map([...source.matchAll(attributePattern)].map(([, key = "", value = ""]) => [key, plain(value)])),
  }));
}

/** The tags that are `name`. */
export function tagsNamed(html: string, name: string): Tag[] {
  return tagsOf(html).filter((tag) => tag.name === name);
}

/** The source of every form, in order. */
export function formsOf(html: string): string[] {
  return html.match(/<form\b.*?<\/form>/gs) ?? [];
}

/** The tag that carries this id. */
export function byId(html: string, id: string): Tag {
  const tag = tagsOf(html).find((each) => each.attributes.get("id") === id);
  if (tag === undefined) throw new Error(`no element has the id ${id}`);
  return tag;
}

/** What a person reads: tags out, entities resolved, white space collapsed. */
export function textOf(html: string): string {
  const body = html.slice(html.indexOf("<body"));
  return plain(body.replace(/<[^>]*>/g, " "))
    .replace(/\s+/g, " ")
    .trim();
}

/** The document's structure without its texts and values: two pages that differ only in words have the same skeleton. */
export function skeletonOf(html: string): string {
  const withoutValues = html.replace(/="[^"]*"/g, "");
  return (withoutValues.match(/<[^>]*>?/g) ?? []).join("");
}

function plain(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}
