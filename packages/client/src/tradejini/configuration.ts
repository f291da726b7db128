import { type AccessTokenSource, BrokerConfiguration, type BrokerHosts } from "../configuration.ts";

const live = "https://api.tradejini.com/v2";

const tradejiniHosts: BrokerHosts = {
  live,
  // Neither exists at Tradejini; there is no sandbox operation, so in sandbox mode every call throws.
  orders: live,
  sandbox: live,
  environmentVariable: "KUNJI_TRADEJINI_URL",
};

export interface TradejiniConfigurationInit {
  /** `<api_key>:<access_token>`, see `bearerPair()`; or a promise of it, or a function that is asked at each call. */
  accessToken?: AccessTokenSource | undefined;
  /** Base URL, with the `/v2` of the vendor's. */
  host?: string | undefined;
  /** The same as `host`, as the generated TypeScript SDK calls it. */
  basePath?: string | undefined;
  debug?: boolean | undefined;
  loggerFile?: string | undefined;
}

/**
 * Settings of a Tradejini client. `host` defaults to `KUNJI_TRADEJINI_URL`, else to https://api.tradejini.com/v2. It
 * holds the `/v2`; a base URL without any path (a local broker's origin, say) gets it added.
 */
export class Configuration extends BrokerConfiguration<AccessTokenSource> {
  constructor(init: TradejiniConfigurationInit = {}) {
    const { accessToken, debug, loggerFile } = init;
    super(tradejiniHosts, { accessToken, host: init.host ?? init.basePath, debug, loggerFile });
  }

  override get host(): string {
    return withVersion(super.host);
  }

  override set host(url: string) {
    super.host = url;
  }

  /** The same as `host`. */
  get basePath(): string {
    return this.host;
  }

  set basePath(url: string) {
    this.host = url;
  }
}

/** Without slashes at the end; `/v2` is added when scheme and host are all there is. */
function withVersion(url: string): string {
  const bare = url.replace(/\/+$/, "");
  return /^[a-z]+:\/\/[^/?#]+$/i.test(bare) ? `${bare}/v2` : bare;
}
