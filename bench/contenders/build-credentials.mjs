// Bundles what the bench takes out of the sources, since Node 20 reads no TypeScript.
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

const file = (path) => fileURLToPath(new URL(path, import.meta.url));

/** issue-credentials.js */
export function buildCredentials() {
  return bundle("issue-credentials.ts", "issue-credentials.js");
}

/** self-signed.js: the certificate of the client's tests. */
export function buildSelfSigned() {
  return bundle("../../packages/client/test/_self-signed.ts", "self-signed.js");
}

async function bundle(input, output) {
  await build({
    input: file(input),
    platform: "node",
    external: [/^node:/, /^@kunji\//],
    output: { file: file(`../dist/${output}`), format: "esm" },
    logLevel: "warn",
  });
}
