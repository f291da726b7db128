import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { readSecrets } from "../../src/keeper/read-secrets.ts";

describe("secrets from stdin", () => {
  it("are one JSON object of texts, in any pieces", async () => {
    const input = Readable.from(['{"clientSecret":', '"a","totpSecret":"b"}']);
    expect(await readSecrets(input)).toEqual({ clientSecret: "a", totpSecret: "b" });
  });

  it.each([
    ["", "no JSON"],
    ["[]", "no JSON object"],
    ["null", "no JSON object"],
    ['{"geheim":"x"}', "none of clientSecret, password, totpSecret"],
    ['{"__proto__":"x"}', "none of clientSecret"],
    ['{"clientSecret":""}', "clientSecret must be a text"],
    [`"${"x".repeat(20_000)}"`, "more than 16 kB"],
  ])("refuses %j without repeating it", async (input, words) => {
    const failure = await readSecrets(Readable.from([input])).catch((error: Error) => error);
    expect(String(failure)).toContain(words);
    expect(String(failure)).not.toContain("geheim");
  });
});
