import { type ApiClientOptions, BrokerApiClient } from "../api-client.ts";
import { Configuration } from "./configuration.ts";
import { tradejiniDialect } from "./dialect.ts";

/** Settings of a Tradejini `ApiClient`. */
export type TradejiniApiClientOptions = ApiClientOptions<Configuration>;

let sharedInstance: ApiClient | undefined;

/** Calls Tradejini. One per account: it holds the account's token. */
export class ApiClient extends BrokerApiClient<Configuration> {
  /** The client that API classes use when they are given none. Made at first use, replaced only by assigning to it. */
  static get instance(): ApiClient {
    sharedInstance ??= new ApiClient();
    return sharedInstance;
  }

  static set instance(client: ApiClient) {
    sharedInstance = client;
  }

  /** @param settings a Configuration, or options */
  constructor(settings: Configuration | TradejiniApiClientOptions = {}) {
    const options = settings instanceof Configuration ? { configuration: settings } : settings;
    super(tradejiniDialect, options.configuration ?? new Configuration(), options);
  }
}

/** What API classes take: a client as in the Python SDK, or a configuration as in the TypeScript one. */
export function clientOf(settings: ApiClient | Configuration | undefined): ApiClient {
  if (settings === undefined) return ApiClient.instance;
  return settings instanceof Configuration ? new ApiClient(settings) : settings;
}
