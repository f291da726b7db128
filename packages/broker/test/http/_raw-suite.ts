import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { type RawResponse, request, sendRaw } from "./_raw-request.ts";
import { type StrictApp, startStrictApp } from "./_strict-app.ts";

/** Starts the server for the tests of one file, and gives the requests they are made of. */
export function rawSuite() {
  let server: StrictApp;
  beforeAll(async () => {
    server = await startStrictApp();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    server.effects.length = 0;
  });

  const send = (startLine: string, headers: readonly string[] = [], body = "") =>
    sendRaw(server.port, request(server.port, startLine, headers, body));

  const form = (body: string, headers: readonly string[] = []) =>
    send(
      "POST /token HTTP/1.1",
      ["Content-Type: application/x-www-form-urlencoded", `Content-Length: ${Buffer.byteLength(body)}`, ...headers],
      body,
    );

  const json = (body: string, headers: readonly string[] = ["Content-Type: application/json"]) =>
    send("POST /request/app HTTP/1.1", [...headers, `Content-Length: ${Buffer.byteLength(body)}`], body);

  const chunked = (type: string, path: string, ...chunks: string[]) =>
    send(
      `POST ${path} HTTP/1.1`,
      [`Content-Type: ${type}`, "Transfer-Encoding: chunked"],
      `${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("")}0\r\n\r\n`,
    );

  async function expectFault(answer: Promise<RawResponse>, status: number, kind: string): Promise<void> {
    // The request is on its way but no byte of it has been read yet: whatever runs from here on is its effect.
    const before = server.effects.length;
    const { status: actual, headers, body } = await answer;
    expect({ status: actual, kind: JSON.parse(body).kind }).toEqual({ status, kind });
    expect(headers["content-type"]).toMatch(/^application\/json/);
    expect(server.effects.slice(before)).toEqual([]);
  }

  /** Sends exactly these bytes. */
  const sendBytes = (bytes: string | Buffer) => sendRaw(server.port, bytes);

  return {
    send,
    sendBytes,
    form,
    json,
    chunked,
    expectFault,
    /** The handlers that ran in this test, as `METHOD pattern`. */
    effects: () => server.effects,
    port: () => server.port,
  };
}
