/**
 * A short client of `kunji keep`, for bots and for the command line: a token costs one request over the Unix socket.
 */
import { readFile } from "node:fs/promises";
import { Agent, type IncomingMessage, request } from "node:http";
import { type AccountId, DEFAULT_ACCOUNT } from "../account.ts";
import { firstEnd } from "../first-end.ts";
import { KeeperError, type KeeperErrorCode, LoginRequired } from "../keeper-error.ts";
import { Secret } from "../secret.ts";
import type { AccountAnswer, LoginAnswer } from "./accounts-endpoint.ts";
import type { CheckAnswer } from "./check-endpoint.ts";
import type { FeedEvent } from "./event-feed.ts";
import { readEventStream } from "./read-event-stream.ts";
import type { TokenAnswer } from "./token-endpoint.ts";

/** Where the service is: its socket, or its loopback address with the file that holds the bearer. */
export type KeeperAddress = { readonly socket: string } | { readonly url: string; readonly bearerFile: string };

export interface ServiceToken extends Omit<TokenAnswer, "accessToken"> {
  readonly accessToken: Secret;
}

export interface ServiceCallOptions {
  /** @defaultValue `default` */
  readonly account?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface KeeperServiceClient {
  /**
   * @param options.waitSeconds how long to wait for somebody's login, 0 to 3600. @defaultValue 0
   * @throws LoginRequired; KeeperError `SERVICE_UNREACHABLE` and what the service says
   */
  readonly token: (
    broker: string,
    options?: ServiceCallOptions & { readonly waitSeconds?: number | undefined },
  ) => Promise<ServiceToken>;
  readonly accounts: (options?: Pick<ServiceCallOptions, "signal">) => Promise<readonly AccountAnswer[]>;
  /** Starts a login, or joins the one under way. @returns what the person has to do */
  readonly login: (broker: string, options?: ServiceCallOptions) => Promise<LoginAnswer>;
  readonly logout: (broker: string, options?: ServiceCallOptions) => Promise<void>;
  /**
   * Has the broker asked whether it still takes the token: what a program does whose call was answered with 401. A
   * dead one is not handed out any more. Not being able to ask is the state `unknown`, and no error.
   */
  readonly check: (broker: string, options?: ServiceCallOptions) => Promise<CheckAnswer>;
  /**
   * Events as they happen, over any number of connections, until the signal ends it. `gap` stands for events that were
   * lost while the service was away: read `accounts()` again.
   */
  readonly events: (options?: Pick<ServiceCallOptions, "signal">) => AsyncIterable<FeedEvent | ServiceGap>;
  /** A link that lets one browser into the dashboard; `endsAt` is epoch seconds. */
  readonly dashboardLink: () => Promise<{ readonly url: string; readonly endsAt: number }>;
  /** Gives up its connections. */
  readonly close: () => void;
}

export interface ServiceGap {
  readonly type: "gap";
}

/** A thousand accounts fit. */
const MOST_BYTES = 1 << 20;
const RECONNECT_MS = 2_000;

/** Nothing is connected before the first call. */
export function connectKeeper(address: KeeperAddress): KeeperServiceClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const call = async (method: string, path: string, signal: AbortSignal | undefined): Promise<unknown> => {
    const outgoing: Outgoing = { method, path, signal, headers: {} };
    const response = await send(address, agent, outgoing).catch((error: unknown) => {
      // A kept connection may end in the moment it is used again. Who only reads may ask twice.
      if (method === "GET" && error instanceof KeeperError && error.cause instanceof LostConnection)
        return send(address, agent, outgoing);
      throw error;
    });
    const text = await readBody(response);
    if (response.statusCode === 204) return undefined;
    return readAnswer(response.statusCode ?? 0, text);
  };
  const pathOf = (broker: string, account = DEFAULT_ACCOUNT) =>
    `${encodeURIComponent(broker)}/${encodeURIComponent(account)}`;

  return {
    async token(broker, { account, waitSeconds = 0, signal } = {}) {
      const query = waitSeconds > 0 ? `?wait=${Math.ceil(waitSeconds)}` : "";
      const answer = await call("GET", `/v1/tokens/${pathOf(broker, account)}${query}`, signal).catch(
        (error: unknown) => {
          throw isLoginRequired(error) ? loginRequired({ broker, account: account ?? DEFAULT_ACCOUNT }, error) : error;
        },
      );
      const { accessToken, ...facts } = answer as TokenAnswer;
      return { ...facts, accessToken: new Secret(accessToken) };
    },
    async accounts({ signal } = {}) {
      return ((await call("GET", "/v1/accounts", signal)) as { accounts: AccountAnswer[] }).accounts;
    },
    async login(broker, { account, signal } = {}) {
      return (await call("POST", `/v1/accounts/${pathOf(broker, account)}/login`, signal)) as LoginAnswer;
    },
    async logout(broker, { account, signal } = {}) {
      await call("POST", `/v1/accounts/${pathOf(broker, account)}/logout`, signal);
    },
    async check(broker, { account, signal } = {}) {
      return (await call("POST", `/v1/accounts/${pathOf(broker, account)}/check`, signal)) as CheckAnswer;
    },
    async *events({ signal } = {}) {
      for (let lastId: string | undefined; ; await pause(RECONNECT_MS, signal)) {
        const headers = lastId === undefined ? {} : { "last-event-id": lastId };
        // The connection ends with the loop, however it is left.
        const left = new AbortController();
        const { signal: until, release } = firstEnd(left.signal, ...(signal ? [signal] : []));
        try {
          const response = await send(address, agent, { method: "GET", path: "/v1/events", signal: until, headers });
          if (response.statusCode !== 200) readAnswer(response.statusCode ?? 0, await readBody(response));
          for await (const { id, event, data } of readEventStream(piecesOf(response))) {
            lastId = id ?? lastId;
            if (event === "gap") yield { type: "gap" };
            else if (event !== "hello") yield { ...(JSON.parse(data) as Omit<FeedEvent, "id">), id: lastId ?? "" };
          }
        } catch (error) {
          signal?.throwIfAborted();
          // Only what may pass is waited out: a service that is away, or a stream that broke.
          if (!(error instanceof KeeperError) || error.code !== "SERVICE_UNREACHABLE" || lastId === undefined)
            throw error;
        } finally {
          left.abort();
          release();
        }
      }
    },
    async dashboardLink() {
      return (await call("POST", "/v1/dashboard-links", undefined)) as { url: string; endsAt: number };
    },
    close: () => agent.destroy(),
  };
}

/** A connection that had served before did not serve again. */
class LostConnection extends Error {
  override readonly name = "LostConnection";
}

interface Outgoing {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
}

async function send(address: KeeperAddress, agent: Agent, { signal, ...call }: Outgoing): Promise<IncomingMessage> {
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

/** A service that was killed breaks the stream off in the middle. */
async function* piecesOf(response: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* response;
  } catch (error) {
    throw unreachable(error);
  }
}

async function readBody(response: IncomingMessage): Promise<string> {
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

function readAnswer(status: number, text: string): unknown {
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

function isLoginRequired(error: unknown): error is KeeperError {
  return error instanceof KeeperError && error.code === "LOGIN_REQUIRED";
}

function loginRequired(id: AccountId, { nextStep }: KeeperError): LoginRequired {
  return new LoginRequired(id, nextStep === undefined ? {} : { nextStep });
}

function unreachable(cause: unknown): KeeperError {
  return new KeeperError("SERVICE_UNREACHABLE", "the keeper's service does not answer", {
    cause,
    nextStep: "Start it with: kunji keep",
  });
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
