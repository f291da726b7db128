/**
 * The built packages as a user has them: copied into an empty project, loaded by plain `node`, checked by plain `tsc`.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const tsc = join(createRequire(import.meta.url).resolve("typescript/package.json"), "..", "bin", "tsc");
const run = promisify(execFile);
let project: string;

/** Runs node in the project; the tests' own conditions and variables do not apply there. */
async function node(...args: string[]): Promise<string> {
  const { NODE_OPTIONS: _options, KUNJI_UPSTOX_URL: _url, ...env } = process.env;
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

  it("calls a broker over fetch with the build for other platforms, which needs nothing of Node", async () => {
    const folder = join(project, "node_modules/@kunji/client/dist/esm/portable");
    for (const file of await readdir(folder, { recursive: true })) {
      if (file.endsWith(".js")) expect(await readFile(join(folder, file), "utf8")).not.toMatch(/["']node:/);
    }
    await writeFile(
      join(project, "portable.mjs"),
      `import { UpstoxClient } from "./node_modules/@kunji/client/dist/esm/portable/index.js";
       globalThis.fetch = async (url) => new Response(JSON.stringify({ status: "success", data: { user_name: url } }));
       const { data } = await new UpstoxClient.UserApi().getProfile("2.0");
       console.log(data.constructor.name, data.userName);`,
    );
    expect(await node("portable.mjs")).toBe("ProfileData https://api.upstox.com/v2/user/profile\n");
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
    token.then((each) => each.acessToken);`;

  const nodenext = ["--module", "nodenext"];
  const browser = ["--lib", "es2023,dom", "--types", ""];

  it.each([
    ["nodenext", [...nodenext, ...browser, "app.mts", "app.cts", "names.cts"]],
    ["bundler", ["--module", "esnext", "--moduleResolution", "bundler", ...browser, "app.mts"]],
    ["nodenext, with the types of Node", [...nodenext, "--lib", "es2023", "--types", "node", "app.mts", "app.cts"]],
  ])("finds the types for import and require (%s)", async (_name, options) => {
    for (const name of ["@types/node", "undici-types"]) {
      await cp(join(root, "node_modules", name), join(project, "node_modules", name), { recursive: true });
    }
    const app = `import { UpstoxClient } from "@kunji/client";${typed}`;
    await writeFile(join(project, "app.mts"), app);
    await writeFile(join(project, "app.cts"), app);
    await writeFile(
      join(project, "names.cts"),
      `import client = require("@kunji/client");
       import upstox = require("@kunji/client/upstox");
       export const shared: client.UpstoxClient.ApiClient = upstox.ApiClient.instance;`,
    );
    const arguments_ = ["--noEmit", "--strict", "--target", "es2023", ...options];
    const output = await node(tsc, ...arguments_).catch((error: { stdout: string }) => error.stdout);
    expect(output).toBe("");
  });
});
