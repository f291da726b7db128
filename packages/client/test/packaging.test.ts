/**
 * The built packages as a user has them: copied into an empty project, loaded by plain `node`, checked by plain `tsc`.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const tsc = join(createRequire(import.meta.url).resolve("typescript/package.json"), "..", "bin", "tsc");
const run = promisify(execFile);
let project: string;

/** Runs node in the project; the tests' own conditions and variables do not apply there. */
async function node(...args: string[]): Promise<string> {
  const { NODE_OPTIONS: _options, KUNJI_UPSTOX_URL: _upstox, KUNJI_TRADEJINI_URL: _tradejini, ...env } = process.env;
  const { stdout } = await run(process.execPath, args, { cwd: project, env });
  return stdout;
}

beforeAll(async () => {
  await run(process.execPath, [join(root, "scripts/build-libraries.mjs")]);
  project = await mkdtemp(join(tmpdir(), "kunji-packaging-"));
  for (const name of ["contract", "client"]) {
    const installed = join(project, "node_modules/@kunji", name);
    await mkdir(installed, { recursive: true });
    for (const part of ["package.json", "dist"]) {
      await cp(join(root, "packages", name, part), join(installed, part), { recursive: true });
    }
  }
  await writeFile(join(project, "package.json"), '{ "private": true }');
});

afterAll(() => rm(project, { recursive: true, force: true }));

const use = `
  const url = UpstoxClient.authorizationUrl({ clientId: "key", redirectUri: "http://127.0.0.1/cb", state: "s" });
  console.log(url.slice(0, 57), UpstoxClient.ApiClient.instance === UpstoxClient.ApiClient.instance);
  console.log(new UpstoxClient.LoginApi().apiClient.basePath);`;
const printed = "https://api.upstox.com/v2/login/authorization/dialog?resp true\nhttps://api.upstox.com\n";

describe("plain node", () => {
  it("imports the ES module", async () => {
    await writeFile(join(project, "app.mjs"), `import { UpstoxClient } from "@kunji/client";${use}`);
    expect(await node("app.mjs")).toBe(printed);
  });

  it("requires the CommonJS module", async () => {
    await writeFile(join(project, "app.cjs"), `const UpstoxClient = require("@kunji/client").UpstoxClient;${use}`);
    expect(await node("app.cjs")).toBe(printed);
  });

  it("has the names of the official package at /upstox, the same classes", async () => {
    await writeFile(
      join(project, "names.cjs"),
      `const all = require("@kunji/client"); const UpstoxClient = require("@kunji/client/upstox");
       console.log(all.UpstoxClient.ApiClient === UpstoxClient.ApiClient, all.ApiException === UpstoxClient.ApiException);${use}`,
    );
    expect(await node("names.cjs")).toBe(`true true\n${printed}`);
    const imported = `import("@kunji/client/upstox").then((m) => console.log(typeof m.LoginApi, typeof m.default))`;
    expect(await node("-e", imported)).toBe("function undefined\n");
  });

  it("reads the contract", async () => {
    const code = `const { upstoxTokenExpiry } = require("@kunji/contract/upstox"); console.log(upstoxTokenExpiry(1795530600))`;
    expect(await node("-e", code)).toBe("1795557600\n");
  });

  it("is one and the same however it is loaded: an error is an instance on both sides", async () => {
    await writeFile(
      join(project, "both.mjs"),
      `import { createRequire } from "node:module";
       import * as imported from "@kunji/client";
       import * as upstox from "@kunji/client/upstox";
       import * as tradejini from "@kunji/client/tradejini";
       const required = createRequire(import.meta.url)("@kunji/client");
       console.log(imported.ApiException === required.ApiException, upstox.ApiClient === required.UpstoxClient.ApiClient);
       console.log(tradejini.AuthorizationApi === required.TradejiniClient.AuthorizationApi, Object.keys(imported).length === Object.keys(required).length);`,
    );
    expect(await node("both.mjs")).toBe("true true\ntrue true\n");
  });

  it("has Tradejini at /tradejini, for import and require", async () => {
    const code = `console.log(client.authorizationUrl({ clientId: "k", redirectUri: "https://d.example.in", state: "s" }).slice(0, 54))`;
    await writeFile(join(project, "tradejini.mjs"), `import * as client from "@kunji/client/tradejini"; ${code}`);
    await writeFile(join(project, "tradejini.cjs"), `const client = require("@kunji/client/tradejini"); ${code}`);
    for (const file of ["tradejini.mjs", "tradejini.cjs"]) {
      expect(await node(file)).toBe("https://api.tradejini.com/v2/api-gw/oauth/authorize?cl\n");
    }
  });

  it("bundles for a browser without anything of Node, and calls a broker over fetch there", async () => {
    await writeFile(
      join(project, "page.js"),
      `import { UpstoxClient } from "@kunji/client";
       globalThis.fetch = async (url) => new Response(JSON.stringify({ status: "success", data: { user_name: url } }));
       new UpstoxClient.UserApi().getProfile("2.0").then(({ data }) => console.log(data.constructor.name, data.userName));`,
    );
    const { output } = await build({
      cwd: project,
      input: "page.js",
      platform: "browser",
      output: { file: join(project, "bundle.mjs") },
      logLevel: "warn",
    });
    expect(output[0].code).not.toMatch(/["']node:/);
    expect(await node("bundle.mjs")).toBe("ProfileData https://api.upstox.com/v2/user/profile\n");
  });

  it("takes at most 300 kB of disk, the contract included", async () => {
    const installed = join(project, "node_modules/@kunji");
    const files = await readdir(installed, { recursive: true, withFileTypes: true });
    const sizes = files.filter((each) => each.isFile()).map((each) => stat(join(each.parentPath, each.name)));
    const bytes = (await Promise.all(sizes)).reduce((sum, each) => sum + each.size, 0);
    expect(bytes).toBeLessThan(300_000);
  });
});

describe("plain tsc", () => {
  const typed = `
    const login = new UpstoxClient.LoginApi();
    export const token: Promise<UpstoxClient.TokenResponse> = login.token("2.0", { code: "c", refreshExtendedToken: true });
    export const name: Promise<string> = token.then((each) => each.userName);
    login.logout("2.0", (error, data, response) => {
      const text: string | undefined = error?.response?.text;
      const done: boolean | undefined = data?.data;
      const status: number | undefined = response?.status;
      if (error instanceof UpstoxClient.ClosedForTheNightException) error.reopensAt.toFixed();
      void [text, done, status];
    });
    new UpstoxClient.ApiClient({ fetch: globalThis.fetch });
    // @ts-expect-error a segment is text
    new UpstoxClient.UserApi().getUserFundMargin("2.0", { segment: 1 });
    // @ts-expect-error there is no such property
    token.then((each) => each.acessToken);
    const tradejini = new TradejiniClient.AuthorizationApi(new TradejiniClient.Configuration({ accessToken: () => "k:t" }));
    export const session: Promise<TradejiniClient.Session> = tradejini.loginDirect({ apiKey: "k", password: "p", otp: "1" });
    const order: TradejiniClient.EquityOrder = {
      exch: "NSE", symbol: "ACC", series: "EQ", inst: "EQT", qty: 10, side: "buy", type: "limit", product: "intraday",
      limitPrice: 2700.55, validity: "day",
    };
    tradejini.orderAuthorize("k", "r", "code", "general", "s", [order]);
    // @ts-expect-error upper case
    tradejini.orderAuthorize("k", "r", "code", "general", "s", [{ ...order, side: "BUY" }]);`;

  const nodenext = ["--module", "nodenext"];
  const browser = ["--lib", "es2023,dom", "--types", ""];

  it.each([
    ["nodenext", [...nodenext, ...browser, "app.mts", "app.cts", "names.cts", "contract.mts"]],
    ["node16", ["--module", "node16", ...browser, "app.mts", "app.cts", "names.cts"]],
    ["bundler", ["--module", "esnext", "--moduleResolution", "bundler", ...browser, "app.mts"]],
    ["nodenext, with the types of Node", [...nodenext, "--lib", "es2023", "--types", "node", "app.mts", "app.cts"]],
  ])("finds the types for import and require (%s)", async (_name, options) => {
    for (const name of ["@types/node", "undici-types"]) {
      await cp(join(root, "node_modules", name), join(project, "node_modules", name), { recursive: true });
    }
    const app = `import { TradejiniClient, UpstoxClient } from "@kunji/client";${typed}`;
    await writeFile(join(project, "app.mts"), app);
    await writeFile(join(project, "app.cts"), app);
    await writeFile(
      join(project, "names.cts"),
      `import client = require("@kunji/client");
       import upstox = require("@kunji/client/upstox");
       export const shared: client.UpstoxClient.ApiClient = upstox.ApiClient.instance;`,
    );
    await writeFile(
      join(project, "contract.mts"),
      `import type { Route, Schema } from "@kunji/contract";
       import { type TradejiniErrorCode, tradejiniErrors, tradejiniOrderBasketSchema, tradejiniRoutes } from "@kunji/contract/tradejini";
       export const route: Route = tradejiniRoutes.authorize;
       export const schema: Schema = tradejiniOrderBasketSchema;
       export const code: TradejiniErrorCode = "UNAUTHORIZED";
       export const status: number = tradejiniErrors[code].status;
       // @ts-expect-error no such route
       tradejiniRoutes.refresh;`,
    );
    const arguments_ = ["--noEmit", "--strict", "--target", "es2023", ...options];
    const output = await node(tsc, ...arguments_).catch((error: { stdout: string }) => error.stdout);
    expect(output).toBe("");
  });
});
