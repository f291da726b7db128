import type { SettableClock } from "../clock.ts";
import { type DemoData, seedDemo } from "../demo/demo.ts";
import { keepAuditHead } from "../housekeeping.ts";
import type { BrokerParts } from "../parts.ts";
import { clearAll } from "../store/clear-all.ts";
import type { Control } from "./control.ts";
import { FaultPlan } from "./faults.ts";
import { RequestLog } from "./request-log.ts";

/** What is remembered outside the store, and must not outlive the reset of a test. */
export interface Forgetful {
  forget(): void;
}

/** What lets a test move the clock, inject faults and begin anew. */
export function createControl(
  clock: SettableClock,
  parts: BrokerParts,
  demo: DemoData | undefined,
  memories: readonly Forgetful[],
): Control {
  const faults = new FaultPlan();
  const requests = new RequestLog();
  return {
    clock,
    faults,
    requests,
    async reset() {
      clock.reset();
      faults.clear();
      requests.clear();
      for (const memory of memories) memory.forget();
      await parts.db.write(() => clearAll());
      await keepAuditHead(parts, () => {});
      if (demo) await seedDemo(parts, demo);
    },
  };
}
