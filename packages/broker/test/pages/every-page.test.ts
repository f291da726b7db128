import { describe, expect, it } from "vitest";
import { formsOf, tagsNamed, tagsOf } from "./_html.ts";
import { everyPage } from "./_views.ts";

describe.each(Object.entries(everyPage))("page %s", (_name, html) => {
  it("is a whole English document with a title, one h1 and our stylesheet", () => {
    expect(html.startsWith('<!doctype html><html lang="en">')).toBe(true);
    expect(html).toMatch(/<title>.+ - Kunji<\/title>/);
    expect(tagsNamed(html, "h1")).toHaveLength(1);
    expect(tagsNamed(html, "main")).toHaveLength(1);
    const stylesheets = tagsNamed(html, "link").filter((link) => link.attributes.get("rel") === "stylesheet");
    expect(stylesheets.map((link) => link.attributes.get("href"))).toEqual(["/assets/0a1b2c/pages.css"]);
  });

  it("has no script, no inline style, no event handler, nothing from elsewhere (S-53, S-56)", () => {
    for (const tag of tagsOf(html)) {
      expect(["script", "style", "iframe", "object", "embed", "base", "img"]).not.toContain(tag.name);
      for (const [name, value] of tag.attributes) {
        expect(name).not.toMatch(/^(style|on.*|srcdoc|http-equiv)$/i);
        expect(value).not.toMatch(/^\s*(data|javascript|vbscript):/i);
      }
    }
  });

  it("posts every form with a CSRF token to this origin (S-36)", () => {
    for (const form of formsOf(html)) {
      const [tag] = tagsNamed(form, "form");
      expect(tag?.attributes.get("method")).toBe("post");
      expect(tag?.attributes.get("action")).toMatch(/^\/(?!\/)/);
      const tokens = tagsNamed(form, "input").filter((input) => input.attributes.get("name") === "csrf");
      expect(tokens.map((input) => [input.attributes.get("type"), input.attributes.get("value")])).toEqual([
        ["hidden", "csrf-token-1"],
      ]);
    }
  });

  it("labels every field and fills in only what is kept anyway", () => {
    const labelled = tagsNamed(html, "label").map((label) => label.attributes.get("for"));
    const fields = tagsNamed(html, "input").filter((input) => input.attributes.get("type") !== "hidden");
    expect(fields.map((input) => input.attributes.get("id"))).toEqual(labelled);
    // A choice has its value from the start, and so has a line to edit; what a person proves themselves with never has one.
    const isEdited = (input: (typeof fields)[number]) => input.attributes.get("class") === "kept";
    const typed = fields.filter((input) => input.attributes.get("type") !== "radio" && !isEdited(input));
    for (const input of typed) expect(input.attributes.has("value")).toBe(false);
    for (const input of fields.filter(isEdited)) expect(input.attributes.get("type")).not.toBe("password");
  });

  it("has unique ids, and every reference finds its element", () => {
    const ids = tagsOf(html).flatMap((tag) => tag.attributes.get("id") ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const tag of tagsOf(html)) {
      const references = [tag.attributes.get("aria-describedby"), tag.attributes.get("aria-labelledby")];
      for (const id of references.flatMap((list) => list?.split(" ") ?? [])) expect(ids).toContain(id);
      const href = tag.attributes.get("href");
      if (href?.startsWith("#")) expect(ids).toContain(href.slice(1));
    }
  });

  it("gives the focus to at most one field", () => {
    expect(tagsOf(html).filter((tag) => tag.attributes.has("autofocus")).length).toBeLessThanOrEqual(1);
  });
});

it("no page leads a person away except by a plain link or a button", () => {
  const withRefresh = Object.entries(everyPage).filter(([, html]) => /http-equiv/i.test(html));
  expect(withRefresh).toEqual([]);
});
