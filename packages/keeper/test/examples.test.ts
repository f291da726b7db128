/** The example programs run: on a real vault, against the project's broker. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { first } from "./_customer.ts";
import { demoAccount, type Kept, startKept } from "./_kept.ts";

afterEach(() => {
  // Each import runs the program again.
  vi.resetModules();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** What the program prints, and a promise of a line. */
function watchConsole() {
  const lines: string[] = [];
  const waiting: { words: string; resolve: () => void }[] = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => {
    lines.push(line);
    for (const each of waiting.filter(({ words }) => line.startsWith(words))) each.resolve();
  });
  const printed = (words: string) => new Promise<void>((resolve) => waiting.push({ words, resolve }));
  return { lines, printed };
}

async function prepare(kept: Kept) {
  for (const [name, value] of Object.entries(kept.home.env)) vi.stubEnv(name, value);
  const clock = { now: () => Date.now() };
  const desk = await kept.keeper({ person: kept.person, clock });
  await desk.accounts.add(demoAccount(kept.broker, "upstox"));
  return desk;
}

describe("examples/keeper-bot.ts", () => {
  it("waits for the day's login, then trades", async () => {
    await using kept = await startKept();
    const desk = await prepare(kept);
    const { lines, printed } = watchConsole();
    const waiting = printed("Waiting for a login");
    const bot = import("../../../examples/keeper-bot.ts");
    await waiting;
    await desk.login("upstox");
    await bot;
    const { userName, userId } = first(kept.broker.upstox.customers);
    expect(lines.slice(0, 3)).toEqual([
      "Waiting for a login: kunji login upstox",
      "There is a new upstox token",
      `Trading as ${userName} (${userId})`,
    ]);
    expect(lines[3]).toMatch(/^Available to trade: \d/);
    expect(lines[4]).toMatch(/^The token has \d+ characters$/);
  });
});

describe("examples/keeper-events.ts", () => {
  it("prints how accounts stand, and what happens to them", async () => {
    await using kept = await startKept();
    const desk = await prepare(kept);
    await desk.login("upstox");
    const { lines, printed } = watchConsole();
    const stands = printed("upstox/default: valid, ");
    const program = import("../../../examples/keeper-events.ts");
    await stands;
    const renewed = printed("upstox/default: renewed");
    await desk.login("upstox");
    await renewed;
    process.emit("SIGINT");
    await program;
    expect(lines).toHaveLength(2);
  });
});
