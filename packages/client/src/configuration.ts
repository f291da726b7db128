import { type Inspect, inspectMasked, inspectSymbol, mask, maskedCopy } from "./redaction.ts";
import { version } from "./version.ts";

/** The addresses of one broker. */
export interface BrokerHosts {
  readonly live: string;
  /** Low-latency host of order calls. */
  readonly orders: string;
  readonly sandbox: string;
  /** Environment variable that points the client at another broker, a local one for example. */
  readonly environmentVariable: string;
}

/** An access token, or where each call gets it from. */
export type AccessTokenSource = string | Promise<string> | (() => string | Promise<string>);

export interface ConfigurationInit<Token extends AccessTokenSource = string> {
  accessToken?: Token | undefined;
  host?: string | undefined;
  orderHost?: string | undefined;
  sandbox?: boolean | undefined;
  debug?: boolean | undefined;
  loggerFile?: string | undefined;
  apiKey?: Record<string, string> | undefined;
  apiKeyPrefix?: Record<string, string> | undefined;
}

/**
 * Settings of a client, with the names of the official Python SDK in camelCase. Each instance is its own: none is
 * shared or copied behind the caller's back.
 */
export class BrokerConfiguration<Token extends AccessTokenSource = AccessTokenSource> {
  /** The day's access token, sent as `Authorization: Bearer`. */
  accessToken: Token | "";
  /** Keys by name, read by `getApiKeyWithPrefix`. */
  apiKey: Record<string, string>;
  /** Prefixes by name, such as `Bearer`. */
  apiKeyPrefix: Record<string, string>;
  /** Writes a line per call, secrets masked, to `loggerFile` or stderr. */
  debug: boolean;
  /** File the debug lines are added to; created readable by its owner only. */
  loggerFile: string | undefined;
  /** Allows only the broker's sandbox operations and sends them to its sandbox host. */
  sandbox: boolean;
  readonly #hosts: BrokerHosts;
  #host: string | undefined;
  #orderHost: string | undefined;

  constructor(hosts: BrokerHosts, init: ConfigurationInit<Token> = {}) {
    this.#hosts = hosts;
    this.#host = init.host;
    this.#orderHost = init.orderHost;
    this.accessToken = init.accessToken ?? "";
    this.apiKey = { ...init.apiKey };
    this.apiKeyPrefix = { ...init.apiKeyPrefix };
    this.debug = init.debug ?? false;
    this.loggerFile = init.loggerFile;
    this.sandbox = init.sandbox ?? false;
  }

  /** Base URL: the one set here, else the sandbox host in sandbox mode, else the environment's, else the broker's. */
  get host(): string {
    if (this.#host !== undefined) return this.#host;
    return this.sandbox ? this.#hosts.sandbox : (environment(this.#hosts.environmentVariable) ?? this.#hosts.live);
  }

  set host(url: string) {
    this.#host = url;
  }

  /** Base URL of order calls. It follows `host` when that is not the broker's own: a test never reaches the exchange. */
  get orderHost(): string {
    if (this.#orderHost !== undefined) return this.#orderHost;
    return this.host === this.#hosts.live ? this.#hosts.orders : this.host;
  }

  set orderHost(url: string) {
    this.#orderHost = url;
  }

  /** The key called `identifier` with its prefix in front, or undefined when there is none. */
  getApiKeyWithPrefix(identifier: string): string | undefined {
    const key = this.apiKey[identifier];
    const prefix = this.apiKeyPrefix[identifier];
    return key !== undefined && key !== "" && prefix ? `${prefix} ${key}` : key;
  }

  /** What to put into a bug report: platform, versions and addresses, no secret. */
  toDebugReport(): string {
    const node = typeof process === "undefined" ? undefined : process;
    return [
      "Kunji client debug report",
      `Platform: ${node?.platform ?? "not Node"} ${node?.arch ?? ""}`.trimEnd(),
      `Node version: ${node?.version ?? "none"}`,
      `Client version: ${version}`,
      `Host: ${this.host}`,
      `Sandbox: ${this.sandbox ? "yes" : "no"}`,
      `Access token: ${this.accessToken === "" ? "none" : "set"}`,
    ].join("\n");
  }

  /** Without secrets: a client that ends up in a log must not bring its token. */
  toJSON(): object {
    const { host, orderHost, sandbox, debug, loggerFile } = this;
    return { host, orderHost, sandbox, debug, loggerFile };
  }

  toString(): string {
    return `Configuration ${JSON.stringify(this)}`;
  }

  [inspectSymbol](_depth: number, options: object, inspect?: Inspect): string {
    const keys = maskedCopy({ apiKey: this.apiKey });
    for (const name of Object.keys(this.apiKey)) keys[name] = mask(this.apiKey[name] ?? "");
    const { apiKey: _real, ...masked } = keys;
    // A promise would show the token it holds.
    const accessToken = typeof this.accessToken === "string" ? this.accessToken : "read at each call";
    const shown = { ...this, accessToken, apiKey: masked, host: this.host };
    return inspectMasked("Configuration", shown, options, inspect);
  }
}

function environment(name: string): string | undefined {
  try {
    // Deno throws when the variable may not be read; browsers have no process.
    const value = typeof process === "undefined" ? undefined : process.env?.[name];
    return value === "" ? undefined : value;
  } catch {
    return undefined;
  }
}
