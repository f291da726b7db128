import { mintCode, saveIssuedCode } from "../../src/grants/issue-code.ts";
import { findAnyClient } from "../../src/store/clients.ts";
import type { TestBroker } from "../../src/testing/index.ts";

export interface CodeOptions {
  /** Which demo customer; 0 is the first. */
  readonly customer?: number;
  readonly clientId?: string;
  readonly redirectUri?: string;
  readonly codeChallenge?: string;
}

/** Issues a code as the last login step does, without going through the pages. */
export async function issueCode(
  broker: Pick<TestBroker, "server" | "upstox">,
  options: CodeOptions = {},
): Promise<string> {
  const { parts } = broker.server;
  const { app } = broker.upstox;
  const now = parts.clock.now();
  const clientId = options.clientId ?? app.clientId;
  const client = await parts.db.read(() => findAnyClient(clientId));
  const code = mintCode(parts, now);
  const binding = {
    clientId,
    clientEpoch: client?.codeEpoch ?? 0,
    accountId: accountIdOf(broker, options.customer),
    redirectUri: options.redirectUri ?? app.redirectUri,
    codeChallenge: options.codeChallenge ?? null,
    attemptKey: code.rowKey,
  };
  await parts.db.write(() => saveIssuedCode(parts, code, binding, now));
  return code.text;
}

export function accountIdOf(broker: Pick<TestBroker, "upstox">, customer = 0): string {
  const { userId } = broker.upstox.customers[customer] ?? {};
  if (userId === undefined) throw new TypeError("there is no such demo customer");
  return `upstox:${userId}`;
}
