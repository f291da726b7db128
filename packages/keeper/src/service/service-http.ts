/**
 * One request to `kunji keep` and its answer: what the short client sends, and what it makes of what comes back.
 */
import { readFile } from "node:fs/promises";
import { type Agent, type IncomingMessage, request } from "node:http";
import { KeeperError, type KeeperErrorCode } from "../keeper-error.ts";
import type { AnswerLimit } from "./answer-limit.ts";

/** Where the service is: its socket, or its loopback address with the file that holds the bearer. */
export type KeeperAddress = { readonly socket: string } | { readonly url: string; readonly bearerFile: string };

/** A thousand accounts fit. */
const MOST_BYTES = 1 << 20;

/** A connection that had served before did not serve again. */
export class LostConnection extends Error {
  override readonly name = "LostConnection";
}

export interface Outgoing {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
}

export async function send(
  address: KeeperAddress,
  agent: Agent,
  { signal, ...call }: Outgoing,
): Promise<IncomingMessage> {
  const target =
    "socket" in address ? { socketPath: address.socket, host: "localhost" } : await loopbackTarget(address);
  const headers = { ...call.headers, ...("headers" in target ? target.headers : {}) };
  signal?.throwIfAborted();
  return await new Promise((resolve, reject) => {
    const outgoing = request({ ...call, ...target, headers, agent, ...(signal ? { signal } : {}) }, resolve);
    outgoing.on("error", (error) => {
      if (signal?.aborted) reject(signal.reason);
      else reject(unreachable(outgoing.reusedSocket ? new LostConnection(error.message, { cause: error }) : error));
    });
    outgoing.end();
  });
}

/** The bearer is read for every call: it is another one after a restart. */
async function loopbackTarget({ url, bearerFile }: Extract<KeeperAddress, { url: string }>) {
  const { protocol, hostname, port } = new URL(url);
  // The bearer would travel readable over any network (S-75).
  if (protocol !== "http:" || hostname !== "127.0.0.1")
    throw new TypeError("the keeper's address is http://127.0.0.1:<port>");
  const bearer = await readFile(bearerFile, "utf8").catch((error: unknown) => {
    throw unreachable(error);
  });
  return { host: hostname, port, headers: { authorization: `Bearer ${bearer.trim()}` } };
}

/**
 * A service that was killed breaks the stream off in the middle; one that stands still says nothing more.
 * @param quiet runs while the service is waited for, not while whoever listens is at work
 */
export async function* piecesOf(response: IncomingMessage, quiet: AnswerLimit): AsyncGenerator<Uint8Array> {
  try {
    quiet.renew();
    for await (const piece of response) {
      quiet.stop();
      yield piece as Uint8Array;
      quiet.renew();
    }
  } catch (error) {
    throw unreachable(error);
  }
}

export async function readBody(response: IncomingMessage): Promise<string> {
  let text = "";
  response.setEncoding("utf8");
  try {
    for await (const piece of response) {
      text += piece;
      if (text.length > MOST_BYTES) throw unreachable(new RangeError("the answer is too long"));
    }
  } catch (error) {
    throw error instanceof KeeperError ? error : unreachable(error);
  }
  return text;
}

export function readAnswer(status: number, text: string): unknown {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw unreachable(error);
  }
  if (status >= 200 && status < 300) return body;
  const { code, message, nextStep } = (body ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof code !== "string" || typeof message !== "string")
    throw unreachable(new TypeError("not a keeper's answer"));
  throw new KeeperError(keeperCode(code), message, typeof nextStep === "string" ? { nextStep } : {});
}

/** Codes of the service itself say that this call did not reach a keeper that works. */
const SERVICE_CODES = new Set(["STOPPING", "BUSY", "INTERNAL", "UNAUTHORIZED", "WRONG_HOST", "BROWSER_REFUSED"]);

function keeperCode(code: string): KeeperErrorCode {
  if (SERVICE_CODES.has(code)) return "SERVICE_UNREACHABLE";
  if (code === "BAD_REQUEST" || code === "NOT_FOUND" || code === "TOO_LARGE") return "USAGE";
  return code as KeeperErrorCode;
}

function unreachable(cause: unknown): KeeperError {
  return new KeeperError("SERVICE_UNREACHABLE", "the keeper's service does not answer", {
    cause,
    nextStep: "Start it with: kunji keep",
  });
}
