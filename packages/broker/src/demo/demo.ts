import type { DemoCustomer } from "../pages/index.ts";
import type { BrokerParts } from "../parts.ts";
import { seedUpstoxDemo, type UpstoxDemo, upstoxDemo } from "../upstox/demo-upstox.ts";

export interface DemoOptions {
  /** How many customers each broker has. */
  readonly customers: number;
  readonly redirectUri: string;
  readonly notifierUrl: string;
}

/** Everything demo mode makes up, by broker. */
export interface DemoData {
  readonly upstox: UpstoxDemo;
  /** For the inbox page. */
  readonly people: readonly DemoCustomer[];
}

export const DEMO_DEFAULTS: DemoOptions = {
  customers: 10,
  redirectUri: "http://127.0.0.1:7475/callback",
  notifierUrl: "http://127.0.0.1:7476/upstox/notifier",
};

export function demoData(options: DemoOptions): DemoData {
  const upstox = upstoxDemo(options);
  return {
    upstox,
    people: upstox.customers.map(({ userName, mobileNumber, pin, pan, totpSecret }) => ({
      name: userName,
      mobileNumber,
      pin,
      pan,
      totpSecret,
    })),
  };
}

/** Writes the demo data; what is there already stays. */
export async function seedDemo(parts: BrokerParts, demo: DemoData): Promise<void> {
  await seedUpstoxDemo(parts, demo.upstox);
}
