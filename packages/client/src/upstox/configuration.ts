import { BrokerConfiguration, type BrokerHosts, type ConfigurationInit } from "../configuration.ts";
import { type Inspect, inspectSymbol, mask } from "../redaction.ts";

const upstoxHosts: BrokerHosts = {
  live: "https://api.upstox.com",
  orders: "https://api-hft.upstox.com",
  sandbox: "https://api-sandbox.upstox.com",
  environmentVariable: "KUNJI_UPSTOX_URL",
};

/** How one authentication travels, as `authSettings()` lists it. */
export interface AuthSetting {
  type: string;
  in: string;
  key: string;
  value: string;
}

/** Settings of an Upstox client. `host` defaults to `KUNJI_UPSTOX_URL`, else to https://api.upstox.com. */
export class Configuration extends BrokerConfiguration<string> {
  constructor(init?: ConfigurationInit) {
    super(upstoxHosts, init);
  }

  /** How requests authenticate, by scheme. The value is the real one; printing the result masks it. */
  authSettings(): Record<"OAUTH2", AuthSetting> {
    const setting = { type: "oauth2", in: "header", key: "Authorization", value: `Bearer ${this.accessToken}` };
    Object.defineProperty(setting, inspectSymbol, {
      value: (_depth: number, options: object, inspect?: Inspect) => {
        const shown = { ...setting, value: `Bearer ${mask(this.accessToken)}` };
        return inspect === undefined ? shown.value : inspect(shown, options);
      },
    });
    return { OAUTH2: setting };
  }
}
