import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NOTIFIER_PATH, notifierPath } from "../../src/login/notifier-address.ts";
import { isReceivedHere } from "../../src/login/receiver-probe.ts";
import { openWebhookReceiver, type WebhookReceiver } from "../../src/login/webhook-receiver.ts";
import { Secret } from "../../src/secret.ts";
import { occupy } from "./_bench.ts";
import { type Answer, send } from "./_http.ts";
import { startSenderElsewhere } from "./_sender-elsewhere.ts";

const newKey = () => new Secret(randomBytes(32).toString("base64url"));
const signal = new AbortController().signal;

let key: Secret;
let now: number;
let receiver: WebhookReceiver;
let arrived: unknown[];

beforeEach(async () => {
  key = newKey();
  now = Date.parse("2026-11-25T09:05:00+05:30");
  arrived = [];
  receiver = await openWebhookReceiver({ port: 0, now: () => now });
  receiver.add(key, (body) => arrived.push(body));
});
afterEach(() => receiver.close());

const at = (path: string) => `http://127.0.0.1:${receiver.port}${path}`;
const post = (path: string, body: string | Buffer, headers = { "content-type": "application/json" }) =>
  send(at(path), { method: "POST", body, headers });
/** All that a sender can see, but the date. */
const visible = ({ status, headers, body }: Answer) => ({ status, headers: { ...headers, date: "" }, body });

describe("the webhook receiver", () => {
  it("hands a message on when its answer is gone", async () => {
    const answer = await post(notifierPath(key), JSON.stringify({ message_type: "access_token" }));
    expect(answer).toMatchObject({ status: 200, body: "received\n" });
    await expect.poll(() => arrived).toEqual([{ message_type: "access_token" }]);
  });

  it("answers every message alike, whatever is in it (S-84)", async () => {
    const bodies = [
      "{}",
      '{"message_type":"access_token","access_token":"junk"}',
      "[]",
      "null",
      '"text"',
      "{",
      "",
      "\u0000",
    ];
    const answers = [];
    for (const body of bodies) answers.push(visible(await post(notifierPath(key), body)));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    // Only objects are messages.
    await expect.poll(() => arrived.length).toBe(2);
  });

  it("looks at a message when its sender has the whole answer: nothing it finds can show in it (S-84)", async () => {
    await using sender = await startSenderElsewhere();
    const other = newKey();
    const looked = new Promise<boolean>((resolve) => receiver.add(other, () => resolve(sender.waitForAnswer())));
    sender.post(at(notifierPath(other)), "{}");
    expect(await looked).toBe(true);
  });

  it("is not there on the machine's other addresses (S-76)", async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === "IPv4");
    for (const host of [...others.map(({ address }) => address), "127.0.0.2"]) {
      const url = `http://${host}:${receiver.port}${notifierPath(key)}`;
      await expect(send(url, { method: "POST", body: "{}" }), host).rejects.toThrow(/ECONNREFUSED|EADDRNOTAVAIL/);
    }
    expect(arrived).toEqual([]);
  });

  it("has nothing on any other path, and near misses look like far ones (S-76, S-80)", async () => {
    const text = key.reveal();
    const changed = (text.startsWith("A") ? "B" : "A") + text.slice(1);
    const last = text.slice(0, -1) + (text.endsWith("A") ? "E" : "A");
    const paths = [
      "/",
      NOTIFIER_PATH,
      NOTIFIER_PATH + changed,
      NOTIFIER_PATH + last,
      NOTIFIER_PATH + text.slice(0, -1),
      `${NOTIFIER_PATH}${text}x`,
      `${NOTIFIER_PATH}${text}/`,
      `${NOTIFIER_PATH}${text}?x=1`,
      `/${NOTIFIER_PATH}${text}`,
      `/kunji/Approved/${text}`,
      `${NOTIFIER_PATH}..%2f${text}`,
    ];
    const answers = await Promise.all(paths.map((path) => post(path, "{}")));
    for (const answer of answers) expect(visible(answer)).toEqual(visible(answers[0] as Answer));
    expect(answers[0]?.status).toBe(404);
    for (const method of ["GET", "PUT", "DELETE", "OPTIONS", "HEAD"]) {
      expect((await send(at(notifierPath(key)), { method })).status, method).toBe(404);
    }
    expect(arrived).toEqual([]);
  });

  it("reads 16 KiB and no more", async () => {
    const filled = (bytes: number) => `{"a":"${"x".repeat(bytes - 8)}"}`;
    expect((await post(notifierPath(key), filled(16_384))).status).toBe(200);
    expect((await post(notifierPath(key), filled(16_385))).status).toBe(413);
    await expect.poll(() => arrived.length).toBe(1);
  });

  it("takes ten messages a minute for an account, and others are not held up by that", async () => {
    const other = newKey();
    receiver.add(other, (body) => arrived.push(body));
    for (let count = 0; count < 10; count++) expect((await post(notifierPath(key), "{}")).status).toBe(200);
    const refused = await post(notifierPath(key), "{}");
    expect(refused).toMatchObject({ status: 429, headers: { "retry-after": "60" } });
    expect((await post(notifierPath(other), "{}")).status).toBe(200);
    now += 60_000;
    expect((await post(notifierPath(key), "{}")).status).toBe(200);
  });

  it("keeps accounts apart, and forgets one that is done", async () => {
    const other = newKey();
    const elsewhere: unknown[] = [];
    const stop = receiver.add(other, (body) => elsewhere.push(body));
    await post(notifierPath(other), '{"for":"other"}');
    await expect.poll(() => elsewhere).toEqual([{ for: "other" }]);
    expect(arrived).toEqual([]);
    stop();
    expect((await post(notifierPath(other), "{}")).status).toBe(404);
    expect((await post(notifierPath(key), "{}")).status).toBe(200);
  });

  it("writes nothing anywhere (S-80)", async () => {
    const spies = [vi.spyOn(process.stdout, "write"), vi.spyOn(process.stderr, "write")];
    await post(notifierPath(key), "{");
    await post(`${NOTIFIER_PATH}nearly`, "{}");
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });
});

describe("asking who has the port", () => {
  it("finds a keeper that listens for this account", async () => {
    expect(await isReceivedHere(receiver.port, key, signal)).toBe(true);
    expect(arrived).toEqual([]);
  });

  it("takes nobody else for it", async () => {
    expect(await isReceivedHere(receiver.port, newKey(), signal)).toBe(false);
    const { port } = receiver;
    receiver.close();
    expect(await isReceivedHere(port, key, signal)).toBe(false);
    await using _other = await occupy(port);
    expect(await isReceivedHere(port, key, signal)).toBe(false);
  });

  it("is not led by a stranger on the port to a keeper elsewhere (S-72)", async () => {
    const elsewhere = at("");
    const stranger = createServer((request, response) => {
      response.writeHead(302, { location: `${elsewhere}${request.url}` }).end();
    });
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    const { port } = stranger.address() as AddressInfo;
    expect(await isReceivedHere(port, key, signal)).toBe(false);
    stranger.closeAllConnections();
    await new Promise((resolve) => stranger.close(resolve));
  });

  it("gives a stranger on the port neither the key nor anything that opens the path", async () => {
    const asked: string[] = [];
    const { port } = receiver;
    receiver.close();
    const stranger = createServer((request, response) => {
      asked.push(request.url ?? "");
      // The cheapest lie: give back what was given.
      response.end(request.url?.split(".")[1]);
    });
    await new Promise<void>((resolve) => stranger.listen(port, "127.0.0.1", resolve));
    expect(await isReceivedHere(port, key, signal)).toBe(false);
    expect(asked).toHaveLength(1);
    expect(asked[0]).not.toContain(key.reveal());
    stranger.closeAllConnections();
    await new Promise((resolve) => stranger.close(resolve));
    receiver = await openWebhookReceiver({ port: 0, now: () => now });
    receiver.add(key, (body) => arrived.push(body));
    expect((await post(asked[0] ?? "", "{}")).status).toBe(404);
  });
});
