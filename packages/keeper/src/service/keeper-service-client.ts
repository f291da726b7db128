/**
 * A short client of `kunji keep`, for bots and for the command line: a token costs one request over the Unix socket.
 */
import { Agent } from "node:http";
import { type AccountId, DEFAULT_ACCOUNT } from "../account.ts";
import { firstEnd } from "../first-end.ts";
import { KeeperError, LoginRequired } from "../keeper-error.ts";
import { Secret } from "../secret.ts";
import type { AccountAnswer, LoginAnswer } from "./accounts-endpoint.ts";
import { AnswerLimit, requireSeconds, withAnswerLimit } from "./answer-limit.ts";
import type { CheckAnswer } from "./check-endpoint.ts";
import type { FeedEvent } from "./event-feed.ts";
import { readEventStream } from "./read-event-stream.ts";
import {
  type KeeperAddress,
  LostConnection,
  type Outgoing,
  piecesOf,
  readAnswer,
  readBody,
  send,
} from "./service-http.ts";
import type { TokenAnswer } from "./token-endpoint.ts";

export interface ServiceToken extends Omit<TokenAnswer, "accessToken"> {
  readonly accessToken: Secret;
}

export interface ServiceCallOptions {
  /** @defaultValue `default` */
  readonly account?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How long the service may take. Each has a default that fits a service which works. */
export interface ServiceLimits {
  /**
   * Seconds until a call without an answer fails with `SERVICE_UNREACHABLE`; `waitSeconds` of `token()` comes on top.
   * @defaultValue 30; 120 for `token()`, `check()` and `logout()`, which may have to ask a slow broker
   */
  readonly timeoutSeconds?: number | undefined;
  /**
   * Seconds without a sign of life on the stream of `events()` until it connects anew. The service sends one every 15.
   * @defaultValue 45
   */
  readonly silenceSeconds?: number | undefined;
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

const RECONNECT_MS = 2_000;
/** Seconds for what the service knows itself; a login that needs more has its first step by then. */
const ITS_OWN_ANSWER = 30;
/** Seconds for what the broker may have to be asked for: a one-time code that is waited for, and two slow answers. */
const THE_BROKERS_ANSWER = 120;
/** Three heartbeats. */
const SILENCE = 45;

/**
 * Nothing is connected before the first call.
 * @throws TypeError for a limit that makes no sense
 */
export function connectKeeper(address: KeeperAddress, limits: ServiceLimits = {}): KeeperServiceClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const itsOwn = requireSeconds(limits.timeoutSeconds ?? ITS_OWN_ANSWER, "timeoutSeconds");
  const theBrokers = limits.timeoutSeconds ?? THE_BROKERS_ANSWER;
  const silence = requireSeconds(limits.silenceSeconds ?? SILENCE, "silenceSeconds");
  const call = (method: string, path: string, signal: AbortSignal | undefined, seconds: number): Promise<unknown> =>
    withAnswerLimit(seconds, signal, async (until) => {
      const outgoing: Outgoing = { method, path, signal: until, headers: {} };
      const response = await send(address, agent, outgoing).catch((error: unknown) => {
        // A kept connection may end in the moment it is used again. Who only reads may ask twice.
        if (method === "GET" && error instanceof KeeperError && error.cause instanceof LostConnection)
          return send(address, agent, outgoing);
        throw error;
      });
      const text = await readBody(response);
      if (response.statusCode === 204) return undefined;
      return readAnswer(response.statusCode ?? 0, text);
    });
  const pathOf = (broker: string, account = DEFAULT_ACCOUNT) =>
    `${encodeURIComponent(broker)}/${encodeURIComponent(account)}`;

  return {
    async token(broker, { account, waitSeconds = 0, signal } = {}) {
      const query = waitSeconds > 0 ? `?wait=${Math.ceil(waitSeconds)}` : "";
      const path = `/v1/tokens/${pathOf(broker, account)}${query}`;
      // The wait may be for a person, so it comes on top. The service knows none that is longer.
      const seconds = theBrokers + (waitSeconds > 0 ? Math.min(waitSeconds, 3_600) : 0);
      const answer = await call("GET", path, signal, seconds).catch((error: unknown) => {
        throw isLoginRequired(error) ? loginRequired({ broker, account: account ?? DEFAULT_ACCOUNT }, error) : error;
      });
      const { accessToken, ...facts } = answer as TokenAnswer;
      return { ...facts, accessToken: new Secret(accessToken) };
    },
    async accounts({ signal } = {}) {
      return ((await call("GET", "/v1/accounts", signal, itsOwn)) as { accounts: AccountAnswer[] }).accounts;
    },
    async login(broker, { account, signal } = {}) {
      return (await call("POST", `/v1/accounts/${pathOf(broker, account)}/login`, signal, itsOwn)) as LoginAnswer;
    },
    async logout(broker, { account, signal } = {}) {
      await call("POST", `/v1/accounts/${pathOf(broker, account)}/logout`, signal, theBrokers);
    },
    async check(broker, { account, signal } = {}) {
      return (await call("POST", `/v1/accounts/${pathOf(broker, account)}/check`, signal, theBrokers)) as CheckAnswer;
    },
    async *events({ signal } = {}) {
      for (let lastId: string | undefined; ; await pause(RECONNECT_MS, signal)) {
        const headers = lastId === undefined ? {} : { "last-event-id": lastId };
        // The connection ends with the loop, however it is left.
        const left = new AbortController();
        const beginning = new AnswerLimit(itsOwn);
        const quiet = new AnswerLimit(silence);
        quiet.stop();
        const ends = [left.signal, beginning.signal, quiet.signal, ...(signal ? [signal] : [])];
        const { signal: until, release } = firstEnd(...ends);
        try {
          const response = await send(address, agent, { method: "GET", path: "/v1/events", signal: until, headers });
          if (response.statusCode !== 200) readAnswer(response.statusCode ?? 0, await readBody(response));
          beginning.stop();
          for await (const { id, event, data } of readEventStream(piecesOf(response, quiet))) {
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
          beginning.stop();
          quiet.stop();
          left.abort();
          release();
        }
      }
    },
    async dashboardLink() {
      return (await call("POST", "/v1/dashboard-links", undefined, itsOwn)) as { url: string; endsAt: number };
    },
    close: () => agent.destroy(),
  };
}

function isLoginRequired(error: unknown): error is KeeperError {
  return error instanceof KeeperError && error.code === "LOGIN_REQUIRED";
}

function loginRequired(id: AccountId, { nextStep }: KeeperError): LoginRequired {
  return new LoginRequired(id, nextStep === undefined ? {} : { nextStep });
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
