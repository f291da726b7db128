import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { readPersonSecrets } from "../../src/admin/secrets-stdin.ts";

const read = (text: string, name: "PIN" | "password" = "PIN") => readPersonSecrets(Readable.from([text]), name);

describe("secrets of a person from a pipe (S-79)", () => {
  it("are a JSON object, whichever way it comes in", async () => {
    expect(await read('{"pin":"246810"}')).toEqual({ secret: "246810" });
    expect(await read('{"pan":"ABCDE1234F","password":" with spaces "}\n', "password")).toEqual({
      secret: " with spaces ",
      pan: "ABCDE1234F",
    });
    expect(await readPersonSecrets(Readable.from(['{"pin"', ':"246', '810"}']), "PIN")).toEqual({ secret: "246810" });
  });

  it.each([
    ["", "no JSON object"],
    ["246810", "no JSON object"],
    ["null", "no JSON object"],
    ["[]", "no JSON object"],
    ['{"pin":"geheim"', "no JSON object"],
    ["{}", "no pin"],
    ['{"pin":""}', "no pin"],
    ['{"pin":246810}', "no pin"],
    ['{"password":"geheim"}', "neither pin nor pan"],
    ['{"pin":"geheim","pan":7}', "pan must be a text"],
    [`{"pin":"${"geheim".repeat(4_000)}"}`, "more than 16 kB"],
  ])("are refused as %j, and never repeated", async (text, words) => {
    const attempt = read(text);
    await expect(attempt).rejects.toMatchObject({ exitCode: 2 });
    await expect(attempt).rejects.toThrow(words);
    await expect(attempt).rejects.not.toThrow("geheim");
  });
});
