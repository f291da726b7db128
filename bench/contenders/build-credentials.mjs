// Bundles issue-credentials.ts, since Node 20 reads no TypeScript.
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

export async function buildCredentials() {
  await build({
    input: fileURLToPath(new URL("issue-credentials.ts", import.meta.url)),
    platform: "node",
    external: [/^node:/, /^@kunji\//],
    output: { file: fileURLToPath(new URL("../dist/issue-credentials.js", import.meta.url)), format: "esm" },
    logLevel: "warn",
  });
}
