import { upstoxErrorSchema, upstoxErrors, upstoxRoutes } from "@kunji/contract/upstox";
import { describe, expect, it } from "vitest";
import { apiReferencePage } from "../../../src/pages/index.ts";
import { byId, textOf } from "../_html.ts";
import { reference } from "../_views.ts";

describe("apiReferencePage", () => {
  const html = apiReferencePage(reference);
  const text = textOf(html);

  it("has an anchor for each operation and a contents list that leads there", () => {
    expect(byId(html, "upstox-token").name).toBe("h3");
    expect(html).toContain('<a href="#upstox-token">Exchange a code for a token</a>');
    expect(text).toContain("POST /v2/login/authorization/token");
  });

  it("prints where a parameter travels, the body's fields and what is required", () => {
    expect(text).toContain("Api-Version header, string Ignored when absent");
    expect(text).toContain("Body, application/x-www-form-urlencoded");
    expect(text).toContain("code string required From the redirect");
    expect(text).toContain('grant_type "authorization_code"');
  });

  it("prints the fields of a response", () => {
    expect(text).toContain("200 The token, flat");
    expect(text).toContain("access_token string required Dies at 03:30 IST");
    expect(text).toContain("exchanges array of string");
  });

  it("prints every code an operation can answer with its status and text", () => {
    expect(text).toContain("Errors 400, 401");
    expect(text).toContain(`400 Something is missing or wrong UDAPI100057 ${upstoxErrors.UDAPI100057.message}`);
    expect(html).toContain('<a href="#upstox-UDAPI100069">');
  });

  it("prints the body of an error once", () => {
    expect(text.match(/errors\[\]\.errorCode/g)).toHaveLength(1);
  });

  it("lists the whole catalogue", () => {
    for (const code of Object.keys(upstoxErrors)) expect(byId(html, `upstox-${code}`).name).toBe("tr");
  });

  it("prints the real contract, every route of it", () => {
    const routes = Object.values(upstoxRoutes);
    const real = apiReferencePage({
      ...reference,
      dialects: [{ id: "upstox", title: "Upstox", routes, errors: upstoxErrors, errorSchema: upstoxErrorSchema }],
    });
    for (const route of routes) expect(byId(real, `upstox-${route.id}`).name).toBe("h3");
  });
});
