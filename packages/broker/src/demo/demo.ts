import type { DemoPeople } from "../pages/index.ts";
import type { BrokerParts } from "../parts.ts";
import { seedTradejiniDemo, type TradejiniDemo, tradejiniDemo, tradejiniPeople } from "../tradejini/demo-tradejini.ts";
import { seedUpstoxDemo, type UpstoxDemo, upstoxDemo, upstoxPeople } from "../upstox/demo-upstox.ts";

export interface DemoOptions {
  /** How many customers each broker has. */
  readonly customers: number;
  readonly redirectUri: string;
  readonly notifierUrl: string;
}

/** Everything demo mode makes up, by broker. */
export interface DemoData {
  readonly upstox: UpstoxDemo;
  readonly tradejini: TradejiniDemo;
  /** For the inbox page. */
  readonly people: readonly DemoPeople[];
}

export const DEMO_DEFAULTS: DemoOptions = {
  customers: 10,
  redirectUri: "http://127.0.0.1:7475/callback",
  notifierUrl: "http://127.0.0.1:7476/upstox/notifier",
};

export function demoData(options: DemoOptions): DemoData {
  const upstox = upstoxDemo(options);
  const tradejini = tradejiniDemo(options);
  return { upstox, tradejini, people: [upstoxPeople(upstox), tradejiniPeople(tradejini)] };
}

/** Writes the demo data; what is there already stays. */
export async function seedDemo(parts: BrokerParts, demo: DemoData): Promise<void> {
  await seedUpstoxDemo(parts, demo.upstox);
  await seedTradejiniDemo(parts, demo.tradejini);
}
