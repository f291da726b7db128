import { createRequire } from "node:module";
import { UpstoxClient, version } from "@kunji/client";
import { describe, expect, it } from "vitest";

const { Configuration } = UpstoxClient;

describe("Configuration", () => {
  it("is its own, whatever was made before", () => {
    const first = new Configuration({ sandbox: true, accessToken: "one" });
    const second = new Configuration();
    expect(second).toMatchObject({ sandbox: false, accessToken: "", debug: false, apiKey: {}, loggerFile: undefined });
    second.apiKey.key = "k";
    expect(first.apiKey).toEqual({});
  });

  it("puts a prefix before a key", () => {
    const configuration = new Configuration({ apiKey: { a: "1", b: "2" }, apiKeyPrefix: { a: "Bearer" } });
    expect(configuration.getApiKeyWithPrefix("a")).toBe("Bearer 1");
    expect(configuration.getApiKeyWithPrefix("b")).toBe("2");
    expect(configuration.getApiKeyWithPrefix("c")).toBeUndefined();
  });

  it("lists how it authenticates", () => {
    expect(new Configuration({ accessToken: "t" }).authSettings()).toEqual({
      OAUTH2: { type: "oauth2", in: "header", key: "Authorization", value: "Bearer t" },
    });
  });

  it("reports for bug reports without secrets", () => {
    const report = new Configuration({ accessToken: "canary", host: "https://b.example.in" }).toDebugReport();
    expect(report).toContain(`Client version: ${version}`);
    expect(report).toContain("Host: https://b.example.in");
    expect(report).toContain("Access token: set");
    expect(report).not.toContain("canary");
  });
});

describe("version", () => {
  it("is that of package.json", () => {
    const manifest: { version: string } = createRequire(import.meta.url)("../package.json");
    expect(version).toBe(manifest.version);
  });
});
