import { TradejiniClient } from "@kunji/client";
import { tradejiniErrors } from "@kunji/contract/tradejini";
import { describe, expect, it } from "vitest";
import { startBrokerAnswering, startFakeBroker } from "../_broker.ts";
import { errorBody } from "../samples/tradejini.ts";

type Thrown = InstanceType<typeof TradejiniClient.ApiException>;

async function failureOf(host: string): Promise<Thrown> {
  const configuration = new TradejiniClient.Configuration({ host, accessToken: "key:the-token" });
  return new TradejiniClient.AccountApi(configuration).getUserDetails().then(
    () => {
      throw new Error("the call did not fail");
    },
    (error: Thrown) => error,
  );
}

/** The class for every status, by the names of the Python SDK. */
const classes: Record<number, string> = {
  400: "BadRequestException",
  401: "UnauthorizedException",
  403: "ForbiddenException",
  404: "NotFoundException",
  405: "ApiException",
  409: "ApiException",
  415: "ApiException",
  429: "RateLimitedException",
  500: "ServiceException",
  502: "ServiceException",
  503: "ServiceException",
  504: "ServiceException",
  599: "ServiceException",
};

describe("an error of the broker", () => {
  it.each(Object.entries(tradejiniErrors))("%s becomes the class of its status", async (code, { status, message }) => {
    const broker = await startBrokerAnswering(status, errorBody(message));
    const error = await failureOf(broker.url);
    expect(error).toBeInstanceOf(TradejiniClient.ApiException);
    expect(error.name).toBe(classes[status]);
    expect(error).toMatchObject({ status, code, body: { s: "error", msg: message }, errors: [] });
    expect(error.message.toLowerCase()).toContain(message.toLowerCase().slice(0, 10));
  });

  it("tells the 400 that is worth repeating from the others", async () => {
    const broker = await startBrokerAnswering(400, errorBody("Internal Error occurred. Kindly try again."));
    expect((await failureOf(broker.url)).code).toBe("INTERNAL");
    const other = await startBrokerAnswering(400, errorBody("Something new"));
    expect(await failureOf(other.url)).toMatchObject({ code: undefined, message: "400 Bad Request: Something new" });
  });

  it.each(Object.entries(classes))("with status %s and `message` instead of `msg` is a %s", async (status, name) => {
    const broker = await startBrokerAnswering(Number(status), { message: "worded otherwise" });
    const error = await failureOf(broker.url);
    expect(error.name).toBe(name);
    expect(error.message).toContain("worded otherwise");
  });

  it.each(Object.entries(classes))("with status %s and a page instead of JSON is a %s", async (status, name) => {
    const page = "<html><h1>nginx</h1></html>";
    const broker = await startFakeBroker((_request, response) => response.writeHead(Number(status)).end(page));
    const error = await failureOf(broker.url);
    expect(error).toMatchObject({ name, status: Number(status), body: page });
    expect(error.message).toContain("not JSON");
  });

  it.each([null, [], "text", 3, {}, { s: "error" }, { msg: 7 }])(
    "that is oddly shaped (%j) has its class",
    async (body) => {
      const broker = await startBrokerAnswering(401, body);
      expect(await failureOf(broker.url)).toMatchObject({ name: "UnauthorizedException", code: "UNAUTHORIZED" });
    },
  );

  it("without a body has its class", async () => {
    const broker = await startFakeBroker((_request, response) => response.writeHead(503).end());
    expect(await failureOf(broker.url)).toMatchObject({ name: "ServiceException", message: "503 Service Unavailable" });
  });

  it("that comes with status 200 is an error all the same", async () => {
    const broker = await startBrokerAnswering(200, errorBody("Something went wrong"));
    expect(await failureOf(broker.url)).toMatchObject({
      name: "ApiException",
      status: 200,
      message: "200 OK: Something went wrong",
    });
  });

  it("says how long to wait when the answer does", async () => {
    const broker = await startBrokerAnswering(429, errorBody("Too many requests"), { "Retry-After": "3" });
    expect(await failureOf(broker.url)).toMatchObject({ retryAfter: 3 });
  });

  it("of an unknown address is no verdict on the static IP", async () => {
    const broker = await startBrokerAnswering(403, errorBody("Forbidden"));
    expect(await failureOf(broker.url)).toMatchObject({ wrongStaticIp: false });
  });

  it.each(["<html>", "", "true"])("a success that is not JSON (%s) fails and keeps nothing", async (text) => {
    const broker = await startFakeBroker((_request, response) => response.writeHead(200).end(text));
    expect(await failureOf(broker.url)).toMatchObject({ name: "NotJsonException", body: "" });
  });
});
