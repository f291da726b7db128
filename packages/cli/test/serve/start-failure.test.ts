import { describe, expect, it } from "vitest";
import { startFailure } from "../../src/serve/start-failure.ts";

const plan = { port: 80, host: "10.9.8.7" };
const coded = (code: string) => Object.assign(new Error("listen"), { code });

describe("why the broker did not start", () => {
  it.each([
    [coded("EADDRINUSE"), 1, "Port 80 is taken"],
    [coded("EACCES"), 1, "Port 80 needs more rights"],
    [coded("EADDRNOTAVAIL"), 1, "10.9.8.7 is no address of this machine"],
    [new TypeError("Message sender: not a URL."), 2, "Message sender: not a URL."],
    [new Error("the database is damaged"), 1, "the database is damaged"],
  ])("%s ends with %d", (error, exitCode, text) => {
    const failure = startFailure(error, plan);
    expect(failure.exitCode).toBe(exitCode);
    expect(failure.message).toContain(text);
  });
});
