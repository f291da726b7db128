import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DEFAULT_PORT } from "../../src/service/index.ts";
import { DEFAULT_PLAN, FEWEST_RETRY_MINUTES } from "../../src/service/schedule-plan.ts";
import { startKeptService } from "./_service.ts";

const read = (name: string) => readFileSync(new URL(`../../../../${name}`, import.meta.url), "utf8");

describe("what the service leaves to the system (S-79)", () => {
  it("is a private umask and no core dumps, in both files", () => {
    const unit = read("docs/service/kunji-keeper.service").split("\n");
    expect(unit).toEqual(expect.arrayContaining(["UMask=0077", "LimitCORE=0", "KillSignal=SIGTERM"]));
    const plist = read("docs/service/kunji.keeper.plist");
    expect(plist).toMatch(/<key>Umask<\/key>\s*<integer>63<\/integer>/);
    expect(plist).toMatch(/<key>Core<\/key>\s*<integer>0<\/integer>/);
  });

  it("is not needed for the umask: the process has it by itself", async () => {
    const before = process.umask(0o022);
    try {
      await using _it = await startKeptService();
      expect(process.umask()).toBe(0o077);
    } finally {
      process.umask(before);
    }
  });
});

describe("docs/keeper.md", () => {
  const text = read("docs/keeper.md");

  it("names every address of the API and no other", async () => {
    await using it_ = await startKeptService();
    const named = [...text.matchAll(/^\| `((?:GET|POST) \/[^`]+)`/gm)].map(([, found]) => found);
    expect(named).toHaveLength(8);
    for (const request of named) {
      const [method = "", path = ""] = (request ?? "").split(" ");
      const known = path.replace("{broker}", "upstox").replace("{account}", "none");
      if (path === "/v1/events") continue; // does not end
      const answer = await it_.service.ask(known, { method });
      expect([request, answer.text.includes("there is nothing at this address")]).toEqual([request, false]);
    }
  });

  it("names the defaults as they are", () => {
    expect(text).toContain(`127.0.0.1:${DEFAULT_PORT}`);
    expect(text).toContain(`At ${DEFAULT_PLAN.at} IST on weekdays`);
    expect(text).toContain(
      `every ${DEFAULT_PLAN.retryMinutes} minutes until you approve it or it is ${DEFAULT_PLAN.until}`,
    );
    expect(text).toContain(`at least ${FEWEST_RETRY_MINUTES}`);
  });
});
