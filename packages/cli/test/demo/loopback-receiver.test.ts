import { get, request } from "node:http";
import { networkInterfaces } from "node:os";
import { CallbackException } from "@kunji/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LoopbackReceiver, openLoopbackReceiver } from "../../src/demo/loopback-receiver.ts";

const expected = { state: "the-state", issuer: "http://127.0.0.1:1" };

let receiver: LoopbackReceiver;
let end: AbortController;
beforeEach(async () => {
  receiver = await openLoopbackReceiver();
  end = new AbortController();
});
afterEach(() => receiver.close());

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

function ask(url: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(url, options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
    })
      .on("error", reject)
      .end();
  });
}

describe("the loopback receiver", () => {
  it("takes the callback of this login and sends the browser on to a clean address (S-89)", async () => {
    const callback = receiver.wait(expected, end.signal);
    const answer = await ask(`${receiver.redirectUri}?code=c1&state=the-state`);
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/done");
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.headers["referrer-policy"]).toBe("no-referrer");
    expect(answer.headers["content-security-policy"]).toBe("default-src 'none'");
    expect((await callback).code).toBe("c1");
    const page = await ask(new URL("/done", receiver.redirectUri).href);
    expect(page.text).toContain("You can close this tab");
  });

  it("is not ended by noise, even when it carries an error (S-87)", async () => {
    const callback = receiver.wait(expected, end.signal);
    for (const query of [
      "?code=x&state=other",
      "?error=access_denied",
      "?error=access_denied&state=other",
      "",
      "?state=the-state",
    ]) {
      expect((await ask(receiver.redirectUri + query)).status).toBe(400);
    }
    await ask(`${receiver.redirectUri}?code=c1&state=the-state`);
    expect((await callback).code).toBe("c1");
  });

  it("takes one callback only (S-88)", async () => {
    const callback = receiver.wait(expected, end.signal);
    await ask(`${receiver.redirectUri}?code=c1&state=the-state`);
    expect((await ask(`${receiver.redirectUri}?code=c2&state=the-state`)).status).toBe(400);
    expect((await callback).code).toBe("c1");
  });

  it("closes its port after the last page (S-88)", async () => {
    const callback = receiver.wait(expected, end.signal);
    await ask(`${receiver.redirectUri}?code=c1&state=the-state`);
    await callback;
    await ask(new URL("/done", receiver.redirectUri).href);
    await expect(ask(receiver.redirectUri)).rejects.toThrow("ECONNREFUSED");
  });

  it("ends with what the broker said when the person cancels", async () => {
    const callback = receiver.wait(expected, end.signal);
    const outcome = callback.catch((error: unknown) => error);
    await ask(`${receiver.redirectUri}?error=access_denied&state=the-state`);
    expect(await outcome).toBeInstanceOf(CallbackException);
    expect((await ask(new URL("/done", receiver.redirectUri).href)).text).toContain("refused");
  });

  it("refuses the answer of another issuer", async () => {
    const outcome = receiver.wait(expected, end.signal).catch((error: unknown) => error);
    await ask(`${receiver.redirectUri}?code=c1&state=the-state&iss=http%3A%2F%2Fevil.example`);
    expect(await outcome).toMatchObject({ code: "ISSUER_MISMATCH" });
  });

  it.each([
    ["another method", { method: "POST" }],
    ["another Host", { headers: { Host: "evil.example" } }],
    ["a fetch by a page", { headers: { "Sec-Fetch-Mode": "no-cors" } }],
  ])("refuses %s (S-86)", async (_name, options) => {
    receiver.wait(expected, end.signal).catch(() => {});
    expect((await ask(`${receiver.redirectUri}?code=c1&state=the-state`, options)).status).toBe(403);
    end.abort();
  });

  it("ends its wait when it is told to", async () => {
    const outcome = receiver.wait(expected, end.signal).catch((error: unknown) => error);
    end.abort(new Error("enough"));
    expect(await outcome).toMatchObject({ message: "enough" });
    expect((await ask(`${receiver.redirectUri}?code=c1&state=the-state`)).status).toBe(400);
  });

  it("listens on 127.0.0.1 alone (S-85)", async () => {
    const { port, hostname } = new URL(receiver.redirectUri);
    expect(hostname).toBe("127.0.0.1");
    const others = Object.values(networkInterfaces())
      .flat()
      .filter((one) => one?.family === "IPv4" && !one.internal);
    for (const other of others) {
      const refused = new Promise((resolve) => get(`http://${other?.address}:${port}/`).on("error", resolve));
      expect(await refused).toMatchObject({ code: "ECONNREFUSED" });
    }
  });
});
