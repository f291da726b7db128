import { isUpstoxFundsOpen } from "@kunji/contract/upstox";
import { describe, expect, it } from "vitest";
import { istIso } from "../../src/terminal/ist-time.ts";
import { demoClock } from "../../src/upstox/daytime.ts";

const at = (ist: string) => Date.parse(`${ist}+05:30`);

describe("the demo's clock", () => {
  it.each(["2026-11-25T05:30:00", "2026-11-25T12:00:00", "2026-11-25T23:59:59"])("is the real one at %s", (ist) => {
    const clock = demoClock(() => at(ist));
    expect(clock.now()).toBe(at(ist));
    expect(clock.notice).toBeUndefined();
  });

  it.each(["2026-11-25T00:00:00", "2026-11-25T03:29:59", "2026-11-25T05:29:59"])(
    "stands at 09:05 of the same day at %s, and says so",
    (ist) => {
      const clock = demoClock(() => at(ist));
      const now = clock.now() / 1000;
      expect(istIso(now)).toBe("2026-11-25T09:05:00+05:30");
      expect(isUpstoxFundsOpen(now)).toBe(true);
      expect(clock.notice).toContain(`It is ${ist.slice(11, 16)} IST.`);
      expect(clock.notice).toContain("09:05 IST");
    },
  );

  it("runs on", () => {
    let now = at("2026-11-25T01:00:00");
    const clock = demoClock(() => now);
    now += 5_000;
    expect(istIso(clock.now() / 1000)).toBe("2026-11-25T09:05:05+05:30");
  });
});
