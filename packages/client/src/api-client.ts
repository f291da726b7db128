/**
 * The one door to the network: builds a request, sends it exactly once (S-15), reads the answer, maps failures.
 */
import { defaultTransport } from "#platform";
import type { ApiException } from "./api-exception.ts";
import { ApiResponse, parseJson } from "./api-response.ts";
import { type CallFacts, isPage, networkFailure, pageException, secretsOf } from "./call-failure.ts";
import { type ApiCallback, deliver, type Outcome } from "./callback-style.ts";
import type { AccessTokenSource, BrokerConfiguration } from "./configuration.ts";
import { logCall } from "./debug-log.ts";
import type { ModelType } from "./model.ts";
import { type Origin, readOrigin } from "./origin.ts";
import { Discreet, type Inspect, inspectSymbol, scrub } from "./redaction.ts";
import { type EncodeText, encodeBody, encodeQuery, fillPath, hasHeader, jsonPreferred } from "./request-encoding.ts";
import { type FetchLike, fetchTransport } from "./transport/fetch.ts";
import type { Transport, WireRequest, WireResponse } from "./transport/transport.ts";
import { version } from "./version.ts";

/** Largest answer read by calls that set no limit of their own: 4 MiB. */
export const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

/** Settings of one call. */
export interface CallOptions {
  /** Ends the call; it then fails with `AbortedException`. */
  signal?: AbortSignal | undefined;
  /** Milliseconds for this call instead of the client's `timeout`; 0 for none. */
  timeout?: number | undefined;
}

/** `CallOptions` and what the operations themselves decide. */
export interface SendOptions extends CallOptions {
  maxResponseBytes?: number | undefined;
}

/** What an API class knows about its broker that the door does not. */
export interface Dialect {
  /** Name of the authentication that sends the access token. */
  readonly authName: string;
  /** What the paths of the broker's routes begin with and its base URL ends with. */
  readonly routePrefix: string;
  /** How its own SDKs write queries and forms. */
  readonly encodeText: EncodeText;
  /** The exception for a refused call; the answer is clean of secrets, and may be a page that is no JSON. */
  exceptionFor(response: ApiResponse, nowSeconds: number): ApiException;
  /** Paths the broker's sandbox offers. */
  readonly sandboxPaths: readonly string[];
  readonly isOrderPath: (path: string) => boolean;
  /** Whether the JSON of a 2xx answer is a refusal all the same. */
  isRefusal?(body: unknown): boolean;
}

export interface ApiClientOptions<C extends BrokerConfiguration> {
  configuration?: C | undefined;
  /** Sends with this `fetch` instead of the platform's own means. */
  fetch?: FetchLike | undefined;
  /** Sends with this transport; wins over `fetch`. */
  transport?: Transport | undefined;
  /** Milliseconds for a whole call, 0 for none. @defaultValue 60000 */
  timeout?: number | undefined;
  /** Clock in epoch milliseconds. @defaultValue Date.now */
  now?: (() => number) | undefined;
}

/** An authentication a call can name; the official SDK's shapes. */
export interface Authentication {
  type: string;
  accessToken?: AccessTokenSource | undefined;
}

/** What a successful answer becomes: a model, the answer itself, its JSON (`Object`), or nothing (`null`). */
export type ReturnType<T> = ModelType<T> | typeof ApiResponse | typeof Object | null;

/** The broker's authentication: its token is the configuration's. Printing it shows none. */
class TokenAuthentication extends Discreet implements Authentication {
  readonly type = "oauth2";
  readonly #configuration: BrokerConfiguration;

  constructor(configuration: BrokerConfiguration) {
    super();
    this.#configuration = configuration;
  }

  get accessToken(): AccessTokenSource {
    return this.#configuration.accessToken;
  }

  set accessToken(token: AccessTokenSource | null | undefined) {
    this.#configuration.accessToken = token ?? "";
  }
}

/** Base of each broker's `ApiClient`. Properties and methods are those of the official SDKs. */
export class BrokerApiClient<C extends BrokerConfiguration = BrokerConfiguration> {
  readonly configuration: C;
  /** By name. */
  authentications: Record<string, Authentication>;
  /** Sent with every call; a call's own headers win. */
  defaultHeaders: Record<string, string>;
  /** Paths that may be called in sandbox mode. */
  sandboxUrls: Set<string>;
  /** Milliseconds for a whole call, 0 for none. */
  timeout: number;
  readonly #dialect: Dialect;
  readonly #transport: Transport;
  /** Clock in epoch milliseconds. */
  readonly now: () => number;
  /** Base URLs already taken apart; there are two at most in a client's life, unless somebody plays. */
  readonly #origins = new Map<string, Origin>();

  constructor(dialect: Dialect, configuration: C, options: ApiClientOptions<C> = {}) {
    this.configuration = configuration;
    this.authentications = { [dialect.authName]: new TokenAuthentication(configuration) };
    this.defaultHeaders = { "User-Agent": `kunji-client/${version}` };
    this.sandboxUrls = new Set(dialect.sandboxPaths);
    this.timeout = options.timeout ?? 60_000;
    this.#dialect = dialect;
    this.#transport =
      options.transport ?? (options.fetch === undefined ? defaultTransport() : fetchTransport(options.fetch));
    this.now = options.now ?? Date.now;
  }

  /** Base URL of all calls but orders. */
  get basePath(): string {
    return this.configuration.host;
  }

  set basePath(url: string) {
    this.configuration.host = url;
  }

  /** Base URL of order calls. */
  get orderBasePath(): string {
    return this.configuration.orderHost;
  }

  set orderBasePath(url: string) {
    this.configuration.orderHost = url;
  }

  /** Whether only the broker's sandbox operations may be called. */
  get sandbox(): boolean {
    return this.configuration.sandbox;
  }

  setDefaultHeader(name: string, value: string): void {
    this.defaultHeaders[name] = value;
  }

  /**
   * Makes one call: one request, reported by promise and, when there is one, to the callback.
   * @param path below the host, with `{name}` placeholders for `pathParams`
   * @param formParams sent when `contentTypes` names the form type; undefined and null values are left out
   * @param bodyParam sent as JSON unless it is a string
   * @param authNames keys of `authentications`
   * @param returnType what a success becomes; with `ApiResponse` a redirect counts as one, else it is a failure
   * @throws Error at once in sandbox mode for operations the sandbox does not have
   * @throws TypeError at once for a base URL that is not https (S-72)
   */
  callApi<T>(
    path: string,
    httpMethod: string,
    pathParams: Readonly<Record<string, unknown>>,
    queryParams: Readonly<Record<string, unknown>>,
    headerParams: Readonly<Record<string, unknown>>,
    formParams: Readonly<Record<string, unknown>>,
    bodyParam: unknown,
    authNames: readonly string[],
    contentTypes: readonly string[],
    accepts: readonly string[],
    returnType: ReturnType<T>,
    callback?: ApiCallback<T> | null,
    options?: SendOptions,
  ): Promise<T> {
    if (this.sandbox && !this.sandboxUrls.has(path)) throw new Error("This API is not available in sandbox mode.");
    const origin = this.#origin(this.#dialect.isOrderPath(path) ? this.orderBasePath : this.basePath);
    const contentType = jsonPreferred(contentTypes);
    const { encodeText } = this.#dialect;
    const send = (token: string | undefined): Promise<Outcome<T>> => {
      const authorization = token ? `Bearer ${token}` : undefined;
      const request: WireRequest = {
        origin,
        method: httpMethod,
        path: fillPath(path, pathParams) + encodeQuery(queryParams, encodeText),
        headers: this.#headers(headerParams, authorization, contentType, jsonPreferred(accepts)),
        body: encodeBody(contentType, formParams, bodyParam, encodeText),
        timeout: options?.timeout ?? this.timeout,
        signal: options?.signal,
        maxResponseBytes: options?.maxResponseBytes ?? MAX_RESPONSE_BYTES,
      };
      const sent = authorization ?? headerNamed(headerParams, "Authorization");
      return this.#send(request, { path, queryParams, formParams, bodyParam, authorization: sent }, returnType);
    };
    const token = this.#accessToken(authNames);
    const ready = token === undefined || typeof token === "string";
    return deliver(ready ? send(token) : token.then(send), callback ?? undefined);
  }

  async #send<T>(request: WireRequest, call: CallFacts, returnType: ReturnType<T>): Promise<Outcome<T>> {
    const started = this.configuration.debug ? this.now() : 0;
    let wire: WireResponse;
    try {
      wire = await this.#transport.send(request);
    } catch (error) {
      const failure = networkFailure(error, secretsOf(call));
      if (this.configuration.debug) this.#log(request, call, { failure: failure.message }, started);
      throw failure;
    }
    if (this.configuration.debug) this.#log(request, call, wire, started);

    const body = parseJson(wire.text);
    const ok = wire.status >= 200 && wire.status <= 299 && this.#dialect.isRefusal?.(body) !== true;
    if (ok || (returnType === ApiResponse && wire.status >= 300 && wire.status <= 399)) {
      const response = new ApiResponse(wire, body);
      return { data: convert(response, returnType) as T, response };
    }
    throw this.#refusal(wire, body, call);
  }

  #refusal(wire: WireResponse, body: unknown, call: CallFacts): ApiException {
    const text = scrub(wire.text, secretsOf(call));
    // Read again only when something had to be cleaned out.
    const response = new ApiResponse({ ...wire, text }, text === wire.text ? body : parseJson(text));
    // Nothing but a broker's answer is for the broker's dialect to read.
    if (response.status < 400 && isPage(response)) return pageException(response);
    return this.#dialect.exceptionFor(response, serverSeconds(response) ?? this.now() / 1000);
  }

  #origin(baseUrl: string): Origin {
    let origin = this.#origins.get(baseUrl);
    if (origin === undefined) {
      origin = readOrigin(baseUrl);
      if (this.#origins.size > 10) this.#origins.clear();
      this.#origins.set(baseUrl, origin);
    }
    return origin;
  }

  /** The token to send; a promise only when it has to be waited for. */
  #accessToken(authNames: readonly string[]): string | Promise<string> | undefined {
    for (const name of authNames) {
      const authentication = this.authentications[name];
      if (authentication?.type !== "oauth2") throw new Error(`Unknown authentication: ${name}`);
      const source = authentication.accessToken;
      if (typeof source === "function") return Promise.resolve().then(source);
      if (source) return source;
    }
    return undefined;
  }

  #headers(
    own: Readonly<Record<string, unknown>>,
    authorization: string | undefined,
    contentType: string | undefined,
    accept: string | undefined,
  ): string[] {
    const headers: string[] = [];
    for (const name in this.defaultHeaders) {
      if (!hasHeader(own, name)) headers.push(name, this.defaultHeaders[name] as string);
    }
    for (const name in own) {
      const value = own[name];
      if (value !== undefined && value !== null) headers.push(name, String(value));
    }
    if (authorization !== undefined) headers.push("Authorization", authorization);
    if (contentType !== undefined) headers.push("Content-Type", contentType);
    if (accept !== undefined) headers.push("Accept", accept);
    return headers;
  }

  #log(request: WireRequest, call: CallFacts, result: Parameters<typeof logCall>[2], started: number): void {
    logCall(
      this.configuration.loggerFile,
      {
        method: request.method,
        url: request.origin.href + call.path,
        query: call.queryParams,
        headers: request.headers,
        form: call.formParams,
        body: call.bodyParam,
        secrets: secretsOf(call),
      },
      result,
      this.now() - started,
    );
  }

  /** Without secrets: a client that ends up in a log must not bring its token. */
  toJSON(): object {
    const { basePath, sandbox, timeout } = this;
    return { basePath, sandbox, timeout };
  }

  toString(): string {
    return `ApiClient ${this.basePath}`;
  }

  [inspectSymbol](_depth: number, options: object, inspect?: Inspect): string {
    const facts = { ...this.toJSON(), tokenSet: Boolean(this.configuration.accessToken) };
    return `ApiClient ${inspect === undefined ? this.basePath : inspect(facts, options)}`;
  }
}

function convert<T>(response: ApiResponse, returnType: ReturnType<T>): unknown {
  if (returnType === null) return null;
  if (returnType === ApiResponse) return response;
  if (response.status === 204) return null;
  if (response.body === undefined || response.body === null || typeof response.body !== "object") {
    // The text may hold half a token: it stays out.
    throw pageException(new ApiResponse({ ...withoutText(response), headers: [] }, undefined));
  }
  return returnType === Object ? response.body : (returnType as ModelType<T>).constructFromObject(response.body);
}

function headerNamed(headers: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = headers[name];
  return value === undefined || value === null ? undefined : String(value);
}

function withoutText(response: ApiResponse): { status: number; statusText: string; text: string } {
  return { status: response.status, statusText: response.statusText, text: "" };
}

/** The server's clock, which a local one that runs wrong must not overrule (S-74). */
function serverSeconds(response: ApiResponse): number | undefined {
  const milliseconds = Date.parse(response.get("date") ?? "");
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}
