import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { askServerMetadata } from "../../src/login/server-metadata.ts";

/** Nothing of it is ever good, but for its name. */
const SILENT = "https://silent.example";

describe("what a server says about itself", () => {
  const { signal } = new AbortController();
  const issuer = "https://issuer.example";
  const metadata = (changes: object = {}, init?: ResponseInit) =>
    new Response(JSON.stringify({ issuer, code_challenge_methods_supported: ["plain", "S256"], ...changes }), init);
  const ask = (host: string, answer: () => Response | Promise<Response>, now = 0) => {
    const asked: string[] = [];
    const fetch = async (url: string | URL | Request) => {
      asked.push(String(url));
      return await answer();
    };
    return askServerMetadata(host, { issuerPath: "", now: () => now, signal, fetch }).then((found) => ({
      found,
      asked,
    }));
  };

  it("is asked for at its origin, and kept for an hour", async () => {
    const first = await ask(`${issuer}/v2`, metadata);
    expect(first).toEqual({
      found: { issuer, understandsS256: true, issuerInCallback: false },
      asked: [`${issuer}/.well-known/oauth-authorization-server`],
    });
    expect((await ask(issuer, metadata, 3_599_000)).asked).toEqual([]);
    expect((await ask(issuer, metadata, 3_600_000)).asked).toHaveLength(1);
  });

  it.each<[string, () => Response | Promise<Response>]>([
    ["it is another server's (RFC 8414 3.3)", () => metadata()],
    ["it names no issuer", () => metadata({ issuer: undefined })],
    ["it is not found", () => metadata({ issuer: SILENT }, { status: 404 })],
    ["it is no JSON", () => new Response("<html>")],
    ["it is longer than it can be", () => metadata({ issuer: SILENT, filler: "x".repeat(70_000) })],
    ["the server cannot be reached", () => Promise.reject(new TypeError("fetch failed"))],
  ])("counts as nothing when %s, and is asked for again", async (_, answer) => {
    expect((await ask(SILENT, answer)).found).toBeUndefined();
    expect((await ask(SILENT, answer)).asked).toHaveLength(1);
  });

  it("does not say S256 when only plain is supported (S-18)", async () => {
    const answer = () => metadata({ issuer: "https://plain.example", code_challenge_methods_supported: ["plain"] });
    expect((await ask("https://plain.example", answer)).found?.understandsS256).toBe(false);
  });

  it("is not taken from where a redirect leads (S-72)", async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      if (request.url === "/elsewhere") response.end(JSON.stringify({ issuer: host }));
      else response.writeHead(302, { location: "/elsewhere" }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      expect(await askServerMetadata(host, { issuerPath: "", now: () => 0, signal })).toBeUndefined();
      expect(asked).toEqual(["/.well-known/oauth-authorization-server"]);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
