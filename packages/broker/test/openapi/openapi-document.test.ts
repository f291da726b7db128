import type { Route } from "@kunji/contract";
import { upstoxErrors, upstoxNotifierWebhook, upstoxRoutes } from "@kunji/contract/upstox";
import { validate } from "@readme/openapi-parser";
import { describe, expect, it } from "vitest";
import { openApiDocument } from "../../src/openapi/openapi-document.ts";
import { inlined, operationNamed, operationsOf, otherBroker, upstox } from "./_documents.ts";

const issuer = "https://broker.example";
const version = "1.2.3";
const document = openApiDocument({ issuer, version, dialects: [upstox] });
const routes: readonly Route[] = Object.values(upstoxRoutes);
const catalogue: Readonly<Record<string, { status: number; message: string }>> = upstoxErrors;

/** Checks the document as it goes over the wire, against the OpenAPI 3.1 schema and the rules it cannot express. */
function validated(value: object) {
  return validate(JSON.parse(JSON.stringify(value)));
}

function operationOf(route: Route) {
  return operationNamed(document, `upstox${route.id.charAt(0).toUpperCase()}${route.id.slice(1)}`);
}

describe("openApiDocument: OpenAPI 3.1", () => {
  it("is a valid document", async () => {
    expect(await validated(document)).toMatchObject({ valid: true, warnings: [] });
  });

  it("is a valid document with several brokers, and with none", async () => {
    for (const dialects of [[upstox, otherBroker], []]) {
      const result = await validated(openApiDocument({ issuer, version, dialects }));
      expect(result).toMatchObject({ valid: true, warnings: [] });
    }
  });

  it("is checked by a validator that refuses broken documents", async () => {
    const profile = document.paths["/v2/user/profile"];
    const broken = [
      { ...document, info: { version } },
      { ...document, components: { securitySchemes: { bearer: { type: "bearer" } } } },
      { ...document, components: { ...document.components, schemas: { Wrong: { type: "text" } } } },
      { ...document, paths: { "/one": profile, "/two": profile } },
    ];
    for (const value of broken) expect((await validated(value)).valid).toBe(false);
  });

  it("loses nothing on its way through JSON", () => {
    expect(JSON.parse(JSON.stringify(document))).toStrictEqual(document);
  });

  it("says where the broker is and which version it has", () => {
    expect(document.openapi).toBe("3.1.0");
    expect(document.info.version).toBe(version);
    expect(document.servers).toEqual([{ url: issuer }]);
  });
});

describe("openApiDocument: the Upstox contract", () => {
  it("has every route at its method and path, and no other", () => {
    expect(
      operationsOf(document)
        .map(({ method, path }) => `${method.toUpperCase()} ${path}`)
        .sort(),
    ).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
    for (const route of routes) {
      expect(document.paths[route.path]).toHaveProperty(route.method.toLowerCase(), operationOf(route));
    }
  });

  it.each(routes)("$id has its parameters with place, schema and certainty, and no other", (route) => {
    expect(inlined(document, operationOf(route).parameters)).toEqual(
      route.parameters.map(({ certainty, ...parameter }) => ({
        ...parameter,
        ...(certainty && { "x-certainty": certainty }),
      })),
    );
  });

  it.each(routes)("$id has the fields of its body in its content type, and no other", (route) => {
    expect(inlined(document, operationOf(route).requestBody)).toEqual(
      route.body && {
        required: route.body.required,
        content: { [route.body.contentType]: { schema: route.body.schema } },
      },
    );
  });

  it.each(routes)("$id has its responses with their fields and headers, and no other", (route) => {
    expect(inlined(document, operationOf(route).responses)).toEqual(
      Object.fromEntries(
        Object.entries(route.responses).map(([status, { description, headers, schema }]) => [
          status,
          {
            description,
            ...(headers && {
              headers: Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, { schema: header }])),
            }),
            ...(schema && { content: { "application/json": { schema } } }),
          },
        ]),
      ),
    );
  });

  it.each(routes)("$id has its error codes with status and text, and no other", (route) => {
    expect(operationOf(route)["x-error-codes"]).toEqual(
      route.errors.map((code) => ({ code, ...catalogue[code], ...textOf(route, code) })),
    );
  });

  it("gives the text of an operation where it differs from the catalogue", () => {
    const error = operationOf(upstoxRoutes.updateUserIp)["x-error-codes"]?.find(({ code }) => code === "UDAPI1179");
    expect(error?.message).toBe("You are not allowed to update this app.");
  });

  it("asks for an access token exactly where a route does", () => {
    for (const route of routes) {
      expect(operationOf(route).security).toEqual(route.auth === "bearer" ? [{ upstoxAccessToken: [] }] : []);
    }
    expect(document.components.securitySchemes).toMatchObject({
      upstoxAccessToken: { type: "http", scheme: "bearer" },
    });
  });

  it("has the broker's tag on everything, with the whole error catalogue", () => {
    expect(document.tags.map(({ name }) => name)).toEqual(["Upstox"]);
    expect(document.tags[0]?.["x-error-codes"]).toEqual(
      Object.entries(upstoxErrors).map(([code, error]) => ({ code, ...error })),
    );
    const webhooks = operationsOf({ paths: document.webhooks });
    for (const { operation } of [...operationsOf(document), ...webhooks]) expect(operation.tags).toEqual(["Upstox"]);
  });

  it("has the notifier as a webhook without authentication, with every field of its message", () => {
    expect(operationsOf({ paths: document.webhooks }).map(({ path, method }) => [path, method])).toEqual([
      ["upstoxNotifierWebhook", "post"],
    ]);
    const operation = document.webhooks.upstoxNotifierWebhook?.post;
    expect(operation?.operationId).toBe("upstoxNotifierWebhook");
    expect(operation?.description).toContain("notifier_url");
    expect(operation?.security).toEqual([]);
    expect(inlined(document, operation?.requestBody)).toEqual({
      required: true,
      content: { "application/json": { schema: upstoxNotifierWebhook.body.schema } },
    });
    expect(inlined(document, operation?.responses)).toEqual(upstoxNotifierWebhook.responses);
  });

  it("writes a schema that many responses share once", () => {
    const text = JSON.stringify(document.components.schemas);
    expect(document.components.schemas).toHaveProperty("UpstoxApiGatewayErrorResponse");
    expect(text.split('"title":"Problem"')).toHaveLength(2);
    expect(JSON.stringify(document.paths)).not.toContain('"title"');
  });
});

describe("openApiDocument: several brokers", () => {
  it("keeps operation ids, schemas and error texts of brokers apart", () => {
    const both = openApiDocument({ issuer, version, dialects: [upstox, otherBroker] });
    const ids = operationsOf(both).map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(routes.length + 1);
    expect(ids).toEqual(expect.arrayContaining(["upstoxAuthorize", "otherAuthorize"]));
    expect(both.components.schemas).toMatchObject({
      OtherTokenResponse: { properties: { token: { type: "string" } } },
      UpstoxTokenResponse: { properties: { access_token: { type: "string" } } },
    });
    expect(operationNamed(both, "otherAuthorize")["x-error-codes"]).toEqual([
      { code: "UDAPI1017", status: 418, message: "Another text" },
    ]);
    expect(both.tags.map(({ name }) => name)).toEqual(["Upstox", "Other"]);
  });

  it("makes no security scheme for a broker without access tokens", () => {
    const alone = openApiDocument({ issuer, version, dialects: [otherBroker] });
    expect(alone.components.securitySchemes).toEqual({});
    expect(alone.webhooks).toEqual({});
  });
});

describe("openApiDocument: a contract that contradicts itself", () => {
  const other = otherBroker.routes.authorize;
  if (!other) throw new Error("The other broker has lost its route");
  const withRoutes = (changed: Readonly<Record<string, Route>>) =>
    openApiDocument({ issuer, version, dialects: [{ ...otherBroker, routes: changed }] });

  it("is refused when two routes have one method and path", () => {
    expect(() => withRoutes({ first: { ...other, id: "first" }, second: { ...other, id: "second" } })).toThrow(
      "GET /other/authorize is both otherFirst and otherSecond",
    );
  });

  it("is refused when two different schemas have one title", () => {
    const changed = { 200: { description: "Done", schema: { type: "string", title: "TokenResponse" } } } as const;
    expect(() => withRoutes({ other, second: { ...other, path: "/other/second", responses: changed } })).toThrow(
      "Two different schemas of other are titled TokenResponse",
    );
  });

  it("is refused when a route names an error that the catalogue lacks", () => {
    expect(() => withRoutes({ other: { ...other, errors: ["UDAPI9"] } })).toThrow(
      "The route authorize names UDAPI9, which is not in the catalogue",
    );
  });
});

function textOf(route: Route, code: string) {
  const message = route.errorTexts?.[code];
  return message === undefined ? {} : { message };
}
