import type { Agent as HttpAgent, request as httpRequest, IncomingMessage } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import {
  abortError,
  networkError,
  type Transport,
  TransportError,
  timeoutError,
  tooLargeError,
  type WireRequest,
  type WireResponse,
} from "./transport.ts";

/** One scheme's way to make requests. */
interface Channel {
  readonly request: typeof httpRequest;
  readonly agent: HttpAgent | HttpsAgent;
}

const channels: { plain?: Channel; secure?: Channel } = {};

/** Loaded at the first call: importing the client stays cheap, and a program that only talks TLS pays once. */
async function openChannel(secure: boolean): Promise<Channel> {
  if (secure) {
    const https = await import("node:https");
    channels.secure ??= {
      request: https.request,
      // Explicit, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment changes nothing (S-72).
      agent: new https.Agent({ keepAlive: true, rejectUnauthorized: true }),
    };
    return channels.secure;
  }
  const http = await import("node:http");
  channels.plain ??= { request: http.request, agent: new http.Agent({ keepAlive: true }) };
  return channels.plain;
}

/** Sends over node:http and node:https with connections kept alive. Idle ones do not keep the process running. */
export const nodeHttpTransport: Transport = {
  send(request) {
    const channel = request.origin.secure ? channels.secure : channels.plain;
    return channel === undefined
      ? openChannel(request.origin.secure).then((opened) => sendOn(opened, request))
      : sendOn(channel, request);
  },
};

function sendOn(channel: Channel, call: WireRequest): Promise<WireResponse> {
  return new Promise((resolve, reject) => {
    const { origin, body, signal, timeout } = call;
    if (signal?.aborted) {
      reject(abortError(signal));
      return;
    }
    // A flat list is the form Node writes out without building header objects first; it then adds no Host itself.
    const headers = ["Host", origin.host, "Accept-Encoding", "identity", ...call.headers];
    // Without a length Node would send an empty POST as chunks, which a gateway may take for a body.
    if (body !== undefined || call.method === "POST" || call.method === "PUT") {
      headers.push("Content-Length", String(Buffer.byteLength(body ?? "")));
    }

    let outgoing: ReturnType<typeof httpRequest>;
    try {
      outgoing = channel.request({
        agent: channel.agent,
        hostname: origin.hostname,
        port: origin.port,
        method: call.method,
        path: origin.prefix + call.path,
        headers,
      });
    } catch (error) {
      // A character that cannot travel in a header or a path.
      reject(networkError(error));
      return;
    }

    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    const fail = (error: TransportError): void => {
      finish();
      reject(error);
      outgoing.destroy();
    };
    const onAbort = (): void => {
      if (signal !== undefined) fail(abortError(signal));
    };
    const timer = timeout > 0 ? setTimeout(() => fail(timeoutError(timeout)), timeout) : undefined;
    signal?.addEventListener("abort", onAbort);

    outgoing.on("error", (error) => fail(networkError(error)));
    outgoing.on("response", (incoming) => {
      readText(incoming, call.maxResponseBytes, fail, (text) => {
        finish();
        resolve({
          status: incoming.statusCode ?? 0,
          statusText: incoming.statusMessage ?? "",
          headers: incoming.rawHeaders,
          text,
        });
      });
    });
    outgoing.end(body);
  });
}

function readText(
  incoming: IncomingMessage,
  limit: number,
  fail: (error: TransportError) => void,
  done: (text: string) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) fail(tooLargeError(limit));
    else chunks.push(chunk);
  });
  incoming.on("error", (error) => fail(networkError(error)));
  incoming.on("end", () => {
    if (!incoming.complete) {
      fail(new TransportError("network", "RESPONSE_TRUNCATED", "the connection closed in the middle of the answer"));
      return;
    }
    const [only] = chunks;
    done(chunks.length === 1 && only !== undefined ? only.toString("utf8") : Buffer.concat(chunks).toString("utf8"));
  });
}
