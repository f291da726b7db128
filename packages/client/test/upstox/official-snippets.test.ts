/**
 * The official Node examples, as shipped with upstox-js-sdk, run with only the package's name changed.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as upstox from "@kunji/client/upstox";
import { describe, expect, it, onTestFinished } from "vitest";
import { type FakeBroker, json, startFakeBroker } from "../_broker.ts";
import {
  errorBody,
  fundsBody,
  fundsV3Body,
  initTokenBody,
  profileBody,
  tokenBody,
  userIpBody,
} from "../samples/upstox.ts";

const examples = join(createRequire(import.meta.url).resolve("upstox-js-sdk/package.json"), "..", "examples");

function snippetsOf(page: string): string[] {
  const text = readFileSync(join(examples, page), "utf8");
  return [...text.matchAll(/```javascript\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
}

const pages = [
  ["login/code/get-token.md", 1, "POST /v2/login/authorization/token"],
  ["login/code/access-token-request.md", 1, "POST /v3/login/auth/token/request/your_client_id"],
  ["login/code/logout.md", 1, "DELETE /v2/logout"],
  ["user/code/get-profile.md", 1, "GET /v2/user/profile"],
  ["user/code/get-fund-and-margin.md", 3, "GET /v2/user/get-funds-and-margin"],
  ["user/code/get-fund-and-margin-v3.md", 1, "GET /v3/user/get-funds-and-margin"],
  ["user/code/user-ip.md", 2, "/v2/user/ip"],
] as const;

const answers: Record<string, unknown> = {
  "/v2/login/authorization/token": tokenBody,
  "/v3/login/auth/token/request/your_client_id": initTokenBody,
  "/v2/logout": { status: "success", data: true },
  "/v2/user/profile": profileBody,
  "/v2/user/get-funds-and-margin": fundsBody,
  "/v3/user/get-funds-and-margin": fundsV3Body,
  "/v2/user/ip": userIpBody,
};

/** Runs a snippet against `broker` and gives what it logged. */
async function runSnippet(code: string, broker: FakeBroker): Promise<{ out: string[]; failed: unknown[][] }> {
  expect(code).toContain("upstox-js-sdk");
  const renamed = code.replace("upstox-js-sdk", "@kunji/client/upstox");
  // What the environment variable does for a whole process: the snippets use the shared instance.
  const before = upstox.ApiClient.instance;
  upstox.ApiClient.instance = new upstox.ApiClient(new upstox.Configuration({ host: broker.url }));
  onTestFinished(() => {
    upstox.ApiClient.instance = before;
  });
  return new Promise((resolve, reject) => {
    const console = {
      log: (line: string) => resolve({ out: [line], failed: [] }),
      error: (...values: unknown[]) => resolve({ out: [], failed: [values] }),
    };
    const require = (name: string): unknown => (name === "@kunji/client/upstox" ? upstox : reject(new Error(name)));
    new Function("require", "console", renamed)(require, console);
  });
}

describe.each(pages)("%s", (page, count, called) => {
  const snippets = snippetsOf(page);

  it(`has ${count} examples`, () => {
    expect(snippets).toHaveLength(count);
  });

  it.each(snippets.map((code, index) => [index + 1, code] as const))("example %i runs", async (_index, code) => {
    const broker = await startFakeBroker((request, response) =>
      json(response, 200, answers[request.url.split("?")[0] ?? ""]),
    );
    const { out, failed } = await runSnippet(code, broker);
    expect(failed).toEqual([]);
    expect(out[0]).toMatch(/^API called successfully. Returned data: \{"/);
    expect(broker.requests).toHaveLength(1);
    expect(`${broker.requests[0]?.method} ${broker.requests[0]?.url}`).toContain(called);
  });

  it.each(snippets.map((code, index) => [index + 1, code] as const))(
    "example %i reports an error",
    async (_index, code) => {
      const broker = await startFakeBroker((_request, response) => {
        json(response, 401, errorBody("UDAPI100050", "Invalid token used to access API"));
      });
      const { out, failed } = await runSnippet(code, broker);
      expect(out).toEqual([]);
      expect(failed).toHaveLength(1);
    },
  );
});
