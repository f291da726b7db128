import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const SCRIPT = fileURLToPath(new URL("../scripts/audit.mjs", import.meta.url));

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "kunji-audit-"));
  write("package.json", { name: "project", version: "1.0.0", dependencies: { thing: "1.0.0" } });
  lock({});
  write("node_modules/thing/package.json", { name: "thing", version: "1.0.0", license: "MIT" });
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

function write(file: string, content: object | string): void {
  mkdirSync(dirname(join(project, file)), { recursive: true });
  writeFileSync(join(project, file), typeof content === "string" ? content : JSON.stringify(content));
}

function lock(changes: object): void {
  const thing = { version: "1.0.0", license: "MIT", integrity: `sha512-${"A".repeat(86)}==`, ...changes };
  const top = { name: "project", version: "1.0.0", dependencies: { thing: "1.0.0" } };
  const packages = { "": top, "node_modules/thing": thing };
  write("package-lock.json", { name: "project", version: "1.0.0", lockfileVersion: 3, packages });
}

interface Audit {
  readonly code: number;
  /** State and text by the name of the check. */
  readonly lines: ReadonlyMap<string, string>;
}

function audit(words: readonly string[], registry = "http://127.0.0.1:9"): Promise<Audit> {
  const env = { ...process.env, npm_config_registry: registry, npm_config_cache: join(project, ".npm") };
  return new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT, "--root", project, ...words], { env }, (error, stdout) => {
      const lines = stdout
        .split("\n")
        .map((line) => /^(ok|FAILED|not asked) +([^:]+): (.*)$/.exec(line))
        .filter((match) => match !== null)
        .map(([, state, name, text]): [string, string] => [name ?? "", `${state}: ${text}`]);
      resolve({ code: error ? Number(error.code) : 0, lines: new Map(lines) });
    });
  });
}

describe("npm run audit, without a registry (S-130)", () => {
  it("writes the SBOM and the licences into the build cache", async () => {
    const { code, lines } = await audit(["--offline"]);
    expect([...lines.keys()]).toEqual(["installed as locked", "SBOM", "licences", "keys and tokens"]);
    expect([...lines.values()].filter((line) => !line.startsWith("ok: "))).toEqual([]);
    expect(code).toBe(0);
    const cache = join(project, "node_modules", ".cache", "kunji-build");
    const sbom = JSON.parse(readFileSync(join(cache, "sbom.cdx.json"), "utf8"));
    expect(sbom).toMatchObject({ bomFormat: "CycloneDX", components: [{ name: "thing", version: "1.0.0" }] });
    const licences = JSON.parse(readFileSync(join(cache, "licences.json"), "utf8"));
    expect(licences).toEqual([{ name: "thing", version: "1.0.0", license: "MIT" }]);
  });

  it("finds a package that is not the one in the lockfile", async () => {
    write("node_modules/thing/package.json", { name: "thing", version: "6.6.6" });
    const { code, lines } = await audit(["--only", "installed as locked"]);
    expect([code, lines.get("installed as locked")]).toEqual([1, expect.stringMatching(/^FAILED: .*thing@6\.6\.6/)]);
  });

  it.each([
    ["GPL-3.0-only", false],
    ["MPL-2.0", false],
    ["(MIT AND GPL-2.0)", false],
    [undefined, false],
    ["(GPL-3.0 OR MIT)", true],
  ])("decides on the licence %s", async (license, isFree) => {
    lock({ license });
    const { code, lines } = await audit(["--only", "licences"]);
    expect([code, lines.get("licences")?.startsWith("ok")]).toEqual([isFree ? 0 : 1, isFree]);
  });

  it("takes a licence of a tool that only we run", async () => {
    lock({ license: "MPL-2.0", dev: true });
    expect((await audit(["--only", "licences"])).lines.get("licences")).toBe("ok: MPL-2.0 1");
  });

  it.each([
    ["a private key", ["-----BEGIN EC ", "PRIVATE KEY-----"]],
    ["a token of GitHub", ["ghp", `_${"a".repeat(36)}`]],
    ["a token of our own broker", ["kupx", `_at_${"0".repeat(24)}${"A".repeat(43)}`]],
  ])("finds %s and names the file, not the secret", async (_what, parts) => {
    write("src/notes.txt", `before ${parts.join("")} after`);
    const { code, lines } = await audit(["--only", "keys and tokens"]);
    expect(code).toBe(1);
    expect(lines.get("keys and tokens")).toBe(`FAILED: something that looks like one in ${join("src", "notes.txt")}`);
  });
});

/** What the registry says to a question for weaknesses. */
async function withRegistry(status: number, answer: object, run: (url: string) => Promise<void>): Promise<void> {
  const server: Server = createServer((request, response) => {
    request.resume();
    const isQuestion = request.url?.startsWith("/-/npm/v1/security/");
    const packument = { name: "thing", versions: { "1.0.0": { name: "thing", version: "1.0.0" } }, "dist-tags": {} };
    response.writeHead(isQuestion ? status : request.url === "/thing" ? 200 : 404, {
      "content-type": "application/json",
    });
    response.end(JSON.stringify(isQuestion ? answer : packument));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const ASK = ["--only", "known weaknesses"];
const weakness = (severity: string) => ({
  thing: [{ id: 1, url: "https://example.com/1", title: "a weakness", severity, vulnerable_versions: "<2.0.0" }],
});

describe("npm run audit, with a registry (S-130)", () => {
  it.each([
    ["high", 1, /^FAILED: 0 critical, 1 high, .*: thing \(high\)$/],
    ["critical", 1, /^FAILED: 1 critical, .*: thing \(critical\)$/],
    ["moderate", 0, /^ok: 0 critical, 0 high, 1 moderate, 0 low$/],
  ])("fails over a weakness of %s severity or not", async (severity, expected, line) => {
    await withRegistry(200, weakness(severity), async (url) => {
      const { code, lines } = await audit(ASK, url);
      expect(lines.get("known weaknesses")).toMatch(line);
      expect(code).toBe(expected);
    });
  });

  it("says that it could not ask where there is nobody to ask, and takes that for neither", async () => {
    for (const status of [404, 405]) {
      await withRegistry(status, {}, async (url) => {
        const { code, lines } = await audit(ASK, url);
        expect(lines.get("known weaknesses")).toMatch(/^not asked: .*the registry/);
        expect(lines.get("known weaknesses")).not.toContain("127.0.0.1");
        expect(code).toBe(0);
        expect((await audit([...ASK, "--strict"], url)).code).toBe(1);
      });
    }
    const { code, lines } = await audit(ASK);
    expect([code, lines.get("known weaknesses")?.split(":")[0]]).toEqual([0, "not asked"]);
  });
});
