import type { Route } from "@kunji/contract";
import {
  tradejiniCommonErrors,
  tradejiniErrorSchema,
  tradejiniErrors,
  tradejiniOrderBasketSchema,
  tradejiniRoutes,
} from "@kunji/contract/tradejini";
import { describe, expect, it } from "vitest";

const routes: readonly Route[] = Object.values(tradejiniRoutes);
const specs: Readonly<Record<string, { status: number; message: string }>> = tradejiniErrors;

describe("the Tradejini routes", () => {
  it("are the operations of the vendor, by its names, methods and paths", () => {
    expect(routes.map(({ id, method, path }) => `${id} ${method} ${path}`)).toEqual([
      "authorize GET /v2/api-gw/oauth/authorize",
      "getAccessToken POST /v2/api-gw/oauth/token",
      "orderAuthorize GET /v2/api-gw/oauth/order-connect",
      "updatedIndividualToken POST /v2/api-gw/oauth/individual-token-v2",
      "getUserDetails GET /v2/api/account/details",
      "getLogoutWebResponse POST /v2/api/account/logout",
      "retrieveFundsLimits GET /v2/api/oms/limits",
      "getOrders GET /v2/api/oms/orders",
    ]);
    for (const [key, route] of Object.entries(tradejiniRoutes)) expect(route.id).toBe(key);
  });

  it("send secrets in a body or a header, never in the URL (S-22)", () => {
    for (const route of routes) {
      const inQuery = route.parameters.filter((each) => each.in !== "header").map((each) => each.name);
      expect(inQuery).not.toEqual(expect.arrayContaining([expect.stringMatching(/secret|password|twoFa|code/i)]));
      expect(route.body?.schema.properties?.client_secret !== undefined).toBe(route.auth === "secret");
    }
  });

  it("list the fields of both forms in the order the generated SDKs send them", () => {
    expect(Object.keys(tradejiniRoutes.getAccessToken.body.schema.properties)).toEqual([
      "code",
      "client_id",
      "redirect_uri",
      "client_secret",
      "grant_type",
    ]);
    expect(Object.keys(tradejiniRoutes.updatedIndividualToken.body.schema.properties)).toEqual([
      "password",
      "twoFa",
      "twoFaTyp",
    ]);
  });

  it("ask for the Authorization header only where the caller gives it whole", () => {
    const withHeader = routes.filter((route) => route.parameters.some((each) => each.name === "Authorization"));
    expect(withHeader.map((route) => [route.id, route.auth])).toEqual([["updatedIndividualToken", "api-key"]]);
  });

  it("carry the basket of order-connect as JSON in one parameter", () => {
    const params = tradejiniRoutes.orderAuthorize.parameters.find((each) => each.name === "params");
    expect(params).toMatchObject({ in: "query", required: true, schema: { contentMediaType: "application/json" } });
    expect(params?.schema).toHaveProperty("contentSchema", tradejiniOrderBasketSchema);
  });

  it("describe each error status with the envelope", () => {
    for (const route of routes) {
      for (const [status, response] of Object.entries(route.responses)) {
        if (Number(status) >= 400) expect(response.schema).toBe(tradejiniErrorSchema);
      }
    }
  });

  it("describe the status of every error they name", () => {
    for (const route of routes) {
      for (const code of [...route.errors, ...tradejiniCommonErrors]) {
        expect(Object.keys(route.responses).map(Number), `${route.id} ${code}`).toContain(specs[code]?.status);
      }
    }
  });
});

describe("the Tradejini error catalogue", () => {
  it("has every error a route names, and every one is named somewhere", () => {
    const named = new Set<string>([...routes.flatMap((route) => route.errors), ...tradejiniCommonErrors]);
    expect([...named].sort()).toEqual(Object.keys(tradejiniErrors).sort());
  });

  it("names none twice on one route", () => {
    for (const route of routes) {
      const codes = [...route.errors, ...tradejiniCommonErrors];
      expect(new Set(codes).size, route.id).toBe(codes.length);
    }
  });

  it("changes a text only where the error is named", () => {
    for (const route of routes) {
      for (const code of Object.keys(route.errorTexts ?? {})) expect(route.errors).toContain(code);
    }
  });

  it("has the vendor's texts, its spelling included", () => {
    expect(Object.values(tradejiniErrors).map(({ status, message }) => `${status} ${message}`)).toEqual([
      "400 Bad request",
      "400 Input validation failed. Kindly check your input contains required fields for the request",
      "400 Internal Error occurred. Kindly try again.",
      "401 Unauthorized",
      "403 Forbidden",
      "404 Resource not found",
      "405 Method not allowed",
      "415 Unsupported media type",
      "429 Too many requests",
      "500 Internal server error",
      "502 Bad gateway",
      "503 Service unavailable",
      "504 Gateway timedout",
    ]);
  });
});
