import { BrokerConfiguration, type BrokerHosts, type ConfigurationInit } from "../configuration.ts";

const upstoxHosts: BrokerHosts = {
  live: "https://api.upstox.com",
  orders: "https://api-hft.upstox.com",
  sandbox: "https://api-sandbox.upstox.com",
  environmentVariable: "KUNJI_UPSTOX_URL",
};

/** Settings of an Upstox client. `host` defaults to `KUNJI_UPSTOX_URL`, else to https://api.upstox.com. */
export class Configuration extends BrokerConfiguration {
  constructor(init?: ConfigurationInit) {
    super(upstoxHosts, init);
  }
}
