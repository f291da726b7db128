import { UpstoxClient } from "@kunji/client";
import { upstoxErrors } from "@kunji/contract/upstox";
import { describe, expect, it } from "vitest";
import { startBrokerAnswering, startFakeBroker } from "../_broker.ts";
import { errorBody } from "../samples/upstox.ts";

type Thrown = InstanceType<typeof UpstoxClient.ApiException>;

async function failureOf(host: string): Promise<Thrown> {
  const configuration = new UpstoxClient.Configuration({ host, accessToken: "the-token" });
  const api = new UpstoxClient.UserApi(new UpstoxClient.ApiClient(configuration));
  return api.getProfile("2.0").then(
    () => {
      throw new Error("the call did not fail");
    },
    (error: Thrown) => error,
  );
}

/** The class for every code of the catalogue that does not end as a plain ApiException. */
const classes: Record<string, string> = {
  UDAPI10005: "RateLimitedException",
  UDAPI100016: "UnauthorizedException",
  UDAPI100049: "ForbiddenException",
  UDAPI100050: "UnauthorizedException",
  UDAPI100067: "ForbiddenException",
  UDAPI100069: "UnauthorizedException",
  UDAPI100072: "ClosedForTheNightException",
  UDAPI100073: "UnauthorizedException",
  UDAPI1154: "ForbiddenException",
  UDAPI1179: "ForbiddenException",
  UDAPI1221: "ForbiddenException",
};

describe("an error of the broker", () => {
  it.each(Object.entries(upstoxErrors))("%s becomes its class", async (code, { status, message }) => {
    const broker = await startBrokerAnswering(status, errorBody(code, message));
    const error = await failureOf(broker.url);
    expect(error).toBeInstanceOf(UpstoxClient.ApiException);
    expect(error.name).toBe(classes[code] ?? "ApiException");
    expect(error).toMatchObject({ status, code, body: errorBody(code, message) });
    expect(error.errors).toHaveLength(1);
    expect(error.errors[0]).toMatchObject({ errorCode: code, message, propertyPath: null, invalidValue: null });
    expect(error.message).toContain(`${code} ${message}`);
    expect(error.response?.text).toBe(JSON.stringify(errorBody(code, message)));
    expect(error.headers["content-type"]).toBe("application/json");
  });

  it.each([
    ["UDAPI1154", 403],
    ["UDAPI1221", 401],
  ])("%s says that the address is wrong and the token fine", async (code, status) => {
    const broker = await startBrokerAnswering(status, errorBody(code, "wrong address"));
    expect(await failureOf(broker.url)).toMatchObject({ name: "ForbiddenException", wrongStaticIp: true });
  });

  it("403 for another reason is not a wrong address", async () => {
    const broker = await startBrokerAnswering(403, errorBody("UDAPI100067", "not with an extended_token"));
    expect(await failureOf(broker.url)).toMatchObject({ name: "ForbiddenException", wrongStaticIp: false });
  });

  it.each([
    ["camelCase only", { errorCode: "UDAPI1", message: "m", propertyPath: "p", invalidValue: 1 }],
    ["snake_case only", { error_code: "UDAPI1", message: "m", property_path: "p", invalid_value: 1 }],
    [
      "both, snake_case first",
      {
        error_code: "UDAPI1",
        property_path: "p",
        invalid_value: 1,
        errorCode: "X",
        propertyPath: "x",
        invalidValue: 0,
        message: "m",
      },
    ],
    [
      "both, camelCase first",
      {
        errorCode: "X",
        propertyPath: "x",
        invalidValue: 0,
        message: "m",
        error_code: "UDAPI1",
        property_path: "p",
        invalid_value: 1,
      },
    ],
  ])("is read in %s", async (_name, entry) => {
    const broker = await startBrokerAnswering(400, { status: "error", errors: [entry] });
    const error = await failureOf(broker.url);
    expect({ ...error.errors[0] }).toEqual({ errorCode: "UDAPI1", message: "m", propertyPath: "p", invalidValue: 1 });
  });

  it("keeps every entry, and the code of the first", async () => {
    const two = {
      status: "error",
      errors: [...errorBody("UDAPI1017", "a").errors, ...errorBody("UDAPI1018", "b").errors],
    };
    const broker = await startBrokerAnswering(400, two);
    const error = await failureOf(broker.url);
    expect(error.errors.map((each) => each.errorCode)).toEqual(["UDAPI1017", "UDAPI1018"]);
    expect(error.code).toBe("UDAPI1017");
  });

  it.each([{}, [], null, { errors: null }, { errors: "no" }, { errors: [null, 3, { message: "no code" }] }, "text"])(
    "that is oddly shaped (%j) still has its status",
    async (body) => {
      const broker = await startBrokerAnswering(500, body);
      expect(await failureOf(broker.url)).toMatchObject({
        name: "ApiException",
        status: 500,
        errors: [],
        code: undefined,
      });
    },
  );

  it("without a body still has its status", async () => {
    const broker = await startFakeBroker((_request, response) => response.writeHead(401).end());
    expect(await failureOf(broker.url)).toMatchObject({
      name: "UnauthorizedException",
      status: 401,
      reason: "Unauthorized",
    });
  });

  it("says how long to wait when the answer does", async () => {
    const body = errorBody("UDAPI10005", "Too Many Request Sent");
    const told = await startBrokerAnswering(429, body, { "Retry-After": "7" });
    expect(await failureOf(told.url)).toMatchObject({ retryAfter: 7 });
    const untold = await startBrokerAnswering(429, body);
    expect(await failureOf(untold.url)).toMatchObject({ name: "RateLimitedException", retryAfter: undefined });
  });
});

describe("an answer that is not JSON", () => {
  const page = "<!DOCTYPE html><title>Access denied</title><p>error 1010</p>";

  it.each([
    [403, "NotJsonException"],
    [503, "NotJsonException"],
    [401, "NotJsonException"],
    [429, "RateLimitedException"],
  ])("with status %i is a %s and keeps the page", async (status, name) => {
    const broker = await startFakeBroker((_request, response) => {
      response.writeHead(status, { "Content-Type": "text/html" }).end(page);
    });
    expect(await failureOf(broker.url)).toMatchObject({ name, status, body: page, errors: [], code: undefined });
  });

  it.each(["", "<html>", '{"access_token":"half-a-tok', "true"])(
    "with status 200 (%s) fails without keeping it: it may hold a token",
    async (text) => {
      const broker = await startFakeBroker((_request, response) => response.writeHead(200).end(text));
      const error = await failureOf(broker.url);
      expect(error).toMatchObject({ name: "NotJsonException", status: 200, body: "" });
      expect(error.response?.text).toBe("");
    },
  );
});
