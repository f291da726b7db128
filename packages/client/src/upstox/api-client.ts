import { type ApiClientOptions, type Authentication, BrokerApiClient } from "../api-client.ts";
import { Configuration } from "./configuration.ts";
import { upstoxDialect } from "./dialect.ts";

/** Settings of an Upstox `ApiClient`. */
export type UpstoxApiClientOptions = ApiClientOptions<Configuration>;

let sharedInstance: ApiClient | undefined;

/** Calls Upstox. One per account: it holds the account's token. */
export class ApiClient extends BrokerApiClient<Configuration> {
  /**
   * The client that API classes use when they are given none. Made at first use, and replaced only by assigning to
   * it: constructing another client leaves it alone, unlike in the official SDK.
   */
  static get instance(): ApiClient {
    sharedInstance ??= new ApiClient();
    return sharedInstance;
  }

  static set instance(client: ApiClient) {
    sharedInstance = client;
  }

  /** By name. Set `authentications.OAUTH2.accessToken`. */
  declare authentications: { OAUTH2: Authentication } & Record<string, Authentication>;

  /** @param settings `true` for the sandbox as in the official SDK, a Configuration, or options */
  constructor(settings: boolean | Configuration | UpstoxApiClientOptions = {}) {
    const options = readSettings(settings);
    super(upstoxDialect, options.configuration ?? new Configuration(), options);
  }
}

function readSettings(settings: boolean | Configuration | UpstoxApiClientOptions): UpstoxApiClientOptions {
  if (typeof settings === "boolean") return { configuration: new Configuration({ sandbox: settings }) };
  return settings instanceof Configuration ? { configuration: settings } : settings;
}
