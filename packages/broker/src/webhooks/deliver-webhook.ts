/**
 * One attempt to deliver a webhook, made so that a hostile target gains nothing (S-67): no redirects, no proxy
 * variables, no cookies, a limit on time and on what is read, and nothing of the answer kept but its status.
 */
import http from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";
import type { Clock } from "../clock.ts";
import { AddressRefusedError, checkWebhookUrl } from "./address-guard.ts";
import { signWebhook } from "./webhook-signature.ts";

const CONNECT_MILLISECONDS = 5_000;
const TOTAL_MILLISECONDS = 10_000;
const MAX_ANSWER_BYTES = 4_096;
/** The head alone may be this long; proxies in front of honest receivers add a few kilobytes. */
const MAX_HEADER_BYTES = 8_192;
/** How long one address of several may take before the next is tried as well; Node's own 250 ms is less than a far round trip. */
const ADDRESS_ATTEMPT_MILLISECONDS = 1_000;

/** What is to be delivered. */
export interface WebhookDelivery {
  url: string;
  /** JSON text. May hold a token: never logged. */
  body: string;
  /** The same over all retries of one delivery; sent as `webhook-id`. */
  deliveryId: string;
  /** `whsec_...`; when the app has one the delivery is signed (S-71). */
  signingSecret?: string | undefined;
}

/** Runs `callback` once after `milliseconds`; the returned function cancels it. */
export type SetTimer = (callback: () => void, milliseconds: number) => () => void;

/** What an attempt needs from outside. */
export interface DeliverWebhookDeps {
  /** From `guardedLookup`: it decides which addresses may be connected to. */
  lookup: LookupFunction;
  /** See `WebhookUrlRules`. */
  allowLoopbackHttp: boolean;
  /** Ports allowed beside 443. */
  ports?: readonly number[] | undefined;
  clock: Clock;
  /** Ends the attempt early, e.g. at shutdown. */
  signal?: AbortSignal | undefined;
  setTimer?: SetTimer | undefined;
  /** Trusted root certificates in PEM instead of Node's own list. */
  trustedRoots?: string | undefined;
}

/**
 * Why an attempt failed.
 * - `address`: the URL or an address of its host is not allowed; nothing was sent.
 * - `connect`: no connection, or it broke before there was a readable answer.
 * - `tls`: connected, but no trusted TLS session.
 * - `timeout`: not connected within 5 s, or no status within 10 s.
 * - `redirect`, `status`: the answer was a 3xx, or neither 2xx nor 3xx.
 */
export type DeliveryFailure = "address" | "connect" | "timeout" | "status" | "tls" | "redirect";

export type DeliveryResult =
  | { outcome: "delivered"; status: number }
  | { outcome: "failed"; reason: DeliveryFailure; status?: number };

/**
 * Posts the body once. Any 2xx counts as delivered, whatever follows it (protocol/upstox.md 5.4 asks for no more).
 * @returns what came of it; a failing target is a result, not an error.
 * @throws the signal's reason when it was aborted: whether the target got the body is then unknown.
 * @throws TypeError when the signing secret or the delivery id is malformed.
 */
export async function deliverWebhook(delivery: WebhookDelivery, deps: DeliverWebhookDeps): Promise<DeliveryResult> {
  deps.signal?.throwIfAborted();
  // Checked again although registration did: node:net asks `lookup` about names only, never about IP literals.
  const check = checkWebhookUrl(delivery.url, deps);
  if (check.outcome === "refused") return { outcome: "failed", reason: "address" };
  const body = Buffer.from(delivery.body, "utf8");
  return exchange(openRequest(check.url, deliveryHeaders(delivery, body, deps.clock.now()), deps), body, deps);
}

function deliveryHeaders(delivery: WebhookDelivery, body: Buffer, epochMs: number): http.OutgoingHttpHeaders {
  const { deliveryId: id, signingSecret } = delivery;
  const timestamp = Math.floor(epochMs / 1000);
  return {
    accept: "*/*",
    "content-type": "application/json",
    "content-length": body.length,
    "user-agent": "Kunji-Webhook",
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    ...(signingSecret === undefined
      ? {}
      : { "webhook-signature": signWebhook({ id, timestamp, body }, signingSecret) }),
  };
}

function openRequest(url: URL, headers: http.OutgoingHttpHeaders, deps: DeliverWebhookDeps): http.ClientRequest {
  // An agent of its own: the global one may be told by the environment to use a proxy, and keeps connections.
  const connection = {
    keepAlive: false,
    lookup: deps.lookup,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MILLISECONDS,
  };
  const request = { method: "POST", headers, maxHeaderSize: MAX_HEADER_BYTES };
  if (url.protocol === "http:") return http.request(url, { ...request, agent: new http.Agent(connection) });
  // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment does not turn verification off.
  const tls = { rejectUnauthorized: true, maxCachedSessions: 0, ...(deps.trustedRoots && { ca: deps.trustedRoots }) };
  return https.request(url, { ...request, agent: new https.Agent({ ...connection, ...tls }) });
}

/** Sends the body and waits for whatever ends the attempt first. */
function exchange(request: http.ClientRequest, body: Buffer, deps: DeliverWebhookDeps): Promise<DeliveryResult> {
  const setTimer = deps.setTimer ?? systemTimer;
  return new Promise((resolve, reject) => {
    /** What a break of the connection means at this point. */
    let breakMeans: DeliveryFailure = "connect";
    let status: number | undefined;

    const onAbort = () => {
      release();
      reject(deps.signal?.reason);
    };
    /** Only the first call counts: a promise settles once. A status that arrived decides, whatever happened after. */
    const end = (reason: DeliveryFailure) => {
      release();
      resolve(status === undefined ? { outcome: "failed", reason } : resultOf(status));
    };
    const cancelConnectTimer = setTimer(() => end("timeout"), CONNECT_MILLISECONDS);
    const cancelTotalTimer = setTimer(() => end("timeout"), TOTAL_MILLISECONDS);
    const release = () => {
      cancelConnectTimer();
      cancelTotalTimer();
      deps.signal?.removeEventListener("abort", onAbort);
      request.destroy();
    };
    deps.signal?.addEventListener("abort", onAbort, { once: true });

    request.on("socket", (socket) => {
      const isTls = "encrypted" in socket;
      socket.once("connect", () => {
        breakMeans = isTls ? "tls" : "connect";
        if (!isTls) cancelConnectTimer();
      });
      socket.once("secureConnect", () => {
        breakMeans = "connect";
        cancelConnectTimer();
      });
    });
    request.on("error", (error) => end(error instanceof AddressRefusedError ? "address" : breakMeans));
    request.on("close", () => end(breakMeans));
    request.on("response", (response) => {
      status = response.statusCode;
      let bytesRead = 0;
      // A little is read so that an honest receiver can finish its answer; the rest is cut off.
      response.on("data", (chunk: Buffer) => {
        bytesRead += chunk.length;
        if (bytesRead >= MAX_ANSWER_BYTES) end("connect");
      });
      response.on("end", () => end("connect"));
      response.on("error", () => end("connect"));
    });
    request.end(body);
  });
}

function resultOf(status: number): DeliveryResult {
  if (status >= 200 && status < 300) return { outcome: "delivered", status };
  return { outcome: "failed", reason: status >= 300 && status < 400 ? "redirect" : "status", status };
}

function systemTimer(callback: () => void, milliseconds: number): () => void {
  const timer = setTimeout(callback, milliseconds);
  return () => clearTimeout(timer);
}
