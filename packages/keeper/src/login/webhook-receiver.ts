/**
 * The public face of the keeper: one route on loopback, behind the owner's TLS proxy or tunnel (S-76). Whoever posts
 * learns nothing from it (S-84). Nothing is logged here, least of all a path (S-80).
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Secret } from "../secret.ts";
import { listenLocally } from "./listen-locally.ts";
import { NOTIFIER_PATH } from "./notifier-address.ts";
import { answerProbe } from "./receiver-probe.ts";

const MAX_BODY_BYTES = 16_384;
const MAX_PER_MINUTE = 10;
const MINUTE_MS = 60_000;

/** Takes a message that nobody has looked at yet. It must not throw. */
export type TakeMessage = (body: Readonly<Record<string, unknown>>) => void;

export interface WebhookReceiver {
  readonly port: number;
  /** Listens for one more account. @param key its notifier key. @returns stops it */
  readonly add: (key: Secret, take: TakeMessage) => () => void;
  readonly close: () => void;
}

export interface WebhookReceiverOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

interface Inbox {
  readonly key: Secret;
  readonly digest: Buffer;
  readonly take: TakeMessage;
  /** When the messages of the last minute came. */
  arrivals: number[];
}

/** @throws PortInUse, CannotListen */
export async function openWebhookReceiver({ port, now }: WebhookReceiverOptions): Promise<WebhookReceiver> {
  const inboxes = new Set<Inbox>();
  const server = await listenLocally(["127.0.0.1"], port, (request, response) => {
    const rest = request.url?.startsWith(NOTIFIER_PATH) ? request.url.slice(NOTIFIER_PATH.length) : undefined;
    const keys = [...inboxes].map(({ key }) => key);
    const answer = rest !== undefined && request.method === "GET" ? answerProbe(rest, keys) : undefined;
    if (answer !== undefined) return reply(response, 200, answer);
    const inbox = rest !== undefined && request.method === "POST" ? findInbox(inboxes, rest) : undefined;
    if (inbox === undefined) return reply(response, 404, "");
    void receive(request, response, inbox, now());
  });
  return {
    port: server.port,
    add(key, take) {
      const inbox: Inbox = { key, digest: digestOf(key.reveal()), take, arrivals: [] };
      inboxes.add(inbox);
      return () => inboxes.delete(inbox);
    },
    close: server.close,
  };
}

/** Compares with every key, each in constant time: how long it takes tells nothing (S-80). */
function findInbox(inboxes: Iterable<Inbox>, candidate: string): Inbox | undefined {
  const digest = digestOf(candidate);
  let found: Inbox | undefined;
  for (const inbox of inboxes) if (timingSafeEqual(digest, inbox.digest)) found = inbox;
  return found;
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** What is answered depends on size and number only; the body is looked at when the answer is gone (S-84). */
async function receive(request: IncomingMessage, response: ServerResponse, inbox: Inbox, now: number): Promise<void> {
  inbox.arrivals = inbox.arrivals.filter((arrival) => now - arrival < MINUTE_MS && arrival <= now);
  if (inbox.arrivals.length >= MAX_PER_MINUTE) {
    // Not the constant answer: a sender that is the broker then tries again.
    response.setHeader("Retry-After", "60");
    return reply(response, 429, "");
  }
  inbox.arrivals.push(now);
  const body = await readBody(request);
  if (body === undefined) return reply(response, 413, "");
  response.once("close", () => {
    const message = readObject(body);
    if (message !== undefined) inbox.take(message);
  });
  reply(response, 200, "received\n");
}

/** @returns undefined when it is too long; never settles when the sender goes away */
function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
      else resolve(undefined);
    });
    request.once("end", () => resolve(Buffer.concat(chunks)));
    // Who breaks off gets no answer, and nothing happens.
    request.once("error", () => {});
  });
}

function readObject(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function reply(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, {
      "Content-Type": "text/plain; charset=utf-8",
      "Content-Length": Buffer.byteLength(text),
      "Cache-Control": "no-store",
      Connection: "close",
    })
    .end(text);
}
