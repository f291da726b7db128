import { describe, expect, it } from "vitest";
import { acceptsJson, wantsHtml } from "../../src/http/accept-header.ts";

const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

describe("Accept", () => {
  it.each([
    // header, a page is wanted, JSON is acceptable
    [undefined, false, true],
    ["", false, true],
    ["*/*", false, true],
    ["application/json", false, true],
    ["application/json, text/plain, */*", false, true],
    ["APPLICATION/JSON; charset=utf-8", false, true],
    ["application/*", false, true],
    [browser, true, true],
    ["text/html", true, false],
    ["text/html;q=0.5, application/json", false, true],
    ["application/json;q=0.5, text/html", true, true],
    ["text/html;q=0, */*", false, true],
    ["application/xhtml+xml", true, false],
    ["application/xml", false, false],
    ["text/plain", false, false],
    ["text/*", false, false],
    ["application/json;q=0", false, false],
    ["application/json;q=0, */*", false, false],
    ["application/*;q=0, */*", false, false],
    ["*/*;q=0", false, false],
    ["*/*;q=0.001", false, true],
    ["application/json;q=2", false, false],
    ["application/json ; Q=1.000", false, true],
    ["application/jsonp", false, false],
    ["nonsense", false, false],
    [",,,", false, false],
  ])("%j: page %s, JSON %s", (accept, page, json) => {
    expect({ page: wantsHtml(accept), json: acceptsJson(accept) }).toEqual({ page, json });
  });
});
