import type { DemoReport, DemoStep } from "./demo-report.ts";

/** `kunji demo --json`: everything in one object, on one line, when all is done. */
export function createJsonReport(broker: string, write: (text: string) => void): DemoReport {
  const steps: DemoStep[] = [];
  const result: Record<string, unknown> = { broker, steps };
  return {
    start(_headline, notice) {
      if (notice) result.notice = notice;
    },
    invite: () => {},
    step: (step) => steps.push(step),
    show({ name, data }) {
      result[name] = data;
    },
    end(explore) {
      if (explore) result.url = explore.url;
      write(`${JSON.stringify(result)}\n`);
    },
  };
}
