/** What the client takes from its platform, on Node, Bun and Deno. The `portable.ts` beside it serves the rest. */
import { appendFileSync } from "node:fs";
import { nodeHttpTransport } from "../transport/node-http.ts";
import type { Transport } from "../transport/transport.ts";

export function defaultTransport(): Transport {
  return nodeHttpTransport;
}

/** Adds a line to a log file that only its owner may read. */
export function appendLine(file: string, line: string): void {
  appendFileSync(file, `${line}\n`, { mode: 0o600 });
}
