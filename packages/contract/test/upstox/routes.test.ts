import type { Route } from "@kunji/contract";
import {
  upstoxCommonErrors,
  upstoxErrorSchema,
  upstoxErrors,
  upstoxNotifierWebhook,
  upstoxOrderErrors,
  upstoxRoutes,
} from "@kunji/contract/upstox";
import { describe, expect, it } from "vitest";

const routes: readonly Route[] = Object.values(upstoxRoutes);
const specs: Readonly<Record<string, { status: number; message: string }>> = upstoxErrors;

describe("the Upstox routes", () => {
  it("are the operations of the vendor, by its names, methods and paths", () => {
    expect(routes.map(({ id, method, path }) => `${id} ${method} ${path}`)).toEqual([
      "authorize GET /v2/login/authorization/dialog",
      "token POST /v2/login/authorization/token",
      "logout DELETE /v2/logout",
      "initTokenRequestForIndieUser POST /v3/login/auth/token/request/{client_id}",
      "getProfile GET /v2/user/profile",
      "getUserFundMargin GET /v2/user/get-funds-and-margin",
      "getUserFundMarginV3 GET /v3/user/get-funds-and-margin",
      "getUserIps GET /v2/user/ip",
      "updateUserIp PUT /v2/user/ip",
    ]);
    for (const [key, route] of Object.entries(upstoxRoutes)) expect(route.id).toBe(key);
  });

  it("have a parameter for every placeholder of their path, and the other way round", () => {
    for (const route of routes) {
      const placeholders = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect(route.parameters.filter((each) => each.in === "path").map((each) => each.name)).toEqual(placeholders);
    }
  });

  it("send the secret in a body, never in the URL (S-22)", () => {
    for (const route of routes) {
      expect(route.parameters.map((each) => each.name)).not.toContain("client_secret");
      const inBody = route.body?.schema.properties?.client_secret !== undefined;
      expect(inBody).toBe(route.auth === "secret");
    }
  });

  it("describe each error status once, with the seven-key body", () => {
    for (const route of routes) {
      for (const [status, response] of Object.entries(route.responses)) {
        if (Number(status) >= 400) expect(response.schema).toBe(upstoxErrorSchema);
      }
    }
  });

  it("describe the status of every error they name", () => {
    for (const route of routes) {
      for (const code of [...route.errors, ...upstoxCommonErrors]) {
        const status = specs[code]?.status ?? 0;
        // A request without parameters has no 400 of its own.
        if (status === 400 && !(400 in route.responses)) {
          expect(route.errors).not.toContain(code);
          continue;
        }
        expect(Object.keys(route.responses).map(Number), `${route.id} ${code}`).toContain(status);
      }
    }
  });
});

describe("the Upstox error catalogue", () => {
  it("has every code a route names, and every code is named somewhere", () => {
    const named = new Set<string>([
      ...routes.flatMap((route) => route.errors),
      ...upstoxCommonErrors,
      ...upstoxOrderErrors,
    ]);
    expect([...named].sort()).toEqual(Object.keys(upstoxErrors).sort());
  });

  it("names no code twice on one route", () => {
    for (const route of routes) {
      const codes = [...route.errors, ...upstoxCommonErrors];
      expect(new Set(codes).size, route.id).toBe(codes.length);
    }
  });

  it("changes a text only where the code is named", () => {
    for (const route of routes) {
      for (const code of Object.keys(route.errorTexts ?? {})) expect(route.errors).toContain(code);
    }
  });

  it("lists the seven keys of an entry in the order live bodies have them", () => {
    expect(Object.keys(upstoxErrorSchema.properties.errors.items.properties)).toEqual([
      "errorCode",
      "message",
      "propertyPath",
      "invalidValue",
      "error_code",
      "property_path",
      "invalid_value",
    ]);
  });
});

describe("the notifier webhook", () => {
  it("carries times as texts of epoch milliseconds", () => {
    const { properties } = upstoxNotifierWebhook.body.schema;
    expect(properties.expires_at.type).toBe("string");
    expect(properties.issued_at.type).toBe("string");
  });
});
