import { logInAsCustomer, type TestBroker } from "@kunji/broker/testing";
import { readCallback } from "@kunji/client";
import type { BrokerDemo } from "../../src/demo/broker-demo.ts";
import type { DemoReport } from "../../src/demo/demo-report.ts";
import { createJsonReport } from "../../src/demo/json-report.ts";
import { createTextReport } from "../../src/demo/text-report.ts";
import { createStyle } from "../../src/terminal/style.ts";

/** Walks a broker's demo at a moment of India's day, such as `2026-11-25T09:05:00`. */
async function walk(broker: TestBroker, demo: BrokerDemo, report: DemoReport, ist: string): Promise<void> {
  broker.clock.freeze(Date.parse(`${ist}+05:30`));
  const customer = await demo.customer(broker);
  const readOtp = async (mobileNumber: string) =>
    (await broker.inbox()).find(({ to, otp }) => to === mobileNumber && otp !== undefined)?.otp ?? "";
  await demo.walk({
    host: broker.url,
    demo: broker,
    report,
    now: () => broker.clock.now(),
    async logIn({ url, state, issuer }) {
      const { callbackUrl } = await logInAsCustomer(url, customer.answers(readOtp));
      return readCallback(callbackUrl, { state, issuer });
    },
  });
  report.end();
}

/** What a person reads of it, without colours. */
export async function walkAsText(broker: TestBroker, demo: BrokerDemo, ist: string): Promise<string> {
  let written = "";
  const report = createTextReport(createStyle(false), (piece) => {
    written += piece;
  });
  await walk(broker, demo, report, ist);
  return written;
}

/** What `--json` prints of it: the line, and the object in it. */
export async function walkAsJson(broker: TestBroker, demo: BrokerDemo, ist: string) {
  let line = "";
  const report = createJsonReport(demo.name, (text) => {
    line += text;
  });
  await walk(broker, demo, report, ist);
  return { line, result: JSON.parse(line) as Record<string, Record<string, unknown>> };
}
