import { EventEmitter } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { listenForStop } from "../src/stop-signals.ts";

function listen() {
  const source = new EventEmitter();
  const exitNow = vi.fn();
  const clock = { ms: 1_000 };
  return { source, exitNow, clock, stop: listenForStop(source, exitNow, () => clock.ms) };
}

describe("stop signals", () => {
  it.each(["SIGINT", "SIGTERM"])("%s asks to finish", async (name) => {
    const { source, stop, exitNow } = listen();
    expect(stop.signal.aborted).toBe(false);
    source.emit(name);
    await stop.stopped;
    expect(stop.signal.aborted).toBe(true);
    expect(exitNow).not.toHaveBeenCalled();
  });

  it("a second one ends at once", () => {
    const { source, exitNow, clock } = listen();
    source.emit("SIGINT");
    clock.ms += 300;
    source.emit("SIGTERM");
    expect(exitNow).toHaveBeenCalledOnce();
  });

  it("the same Ctrl-C, handed on by npm, is not a second one", () => {
    const { source, exitNow, clock } = listen();
    source.emit("SIGINT");
    clock.ms += 20;
    source.emit("SIGINT");
    expect(exitNow).not.toHaveBeenCalled();
  });
});
