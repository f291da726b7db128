/** What the client takes from its platform where there is no Node: edge runtimes and browsers. */
import { fetchTransport } from "../transport/fetch.ts";
import type { Transport } from "../transport/transport.ts";

export function defaultTransport(): Transport {
  return fetchTransport();
}

/** There is no file here: the line goes to the console. */
export function appendLine(_file: string, line: string): void {
  console.error(line);
}
