/**
 * Codes and tokens in bulk, through the verbs the broker itself uses: logging in through the pages for each would
 * measure argon2id. Bundled by `build-credentials.mjs`, because the package does not export its inside.
 */
import { mintCode, saveIssuedCode } from "../../packages/broker/src/grants/issue-code.ts";
import { mintAccessToken, saveAccessToken } from "../../packages/broker/src/grants/issue-token.ts";
import type { BrokerParts } from "../../packages/broker/src/parts.ts";
import { upstoxTokenRules } from "../../packages/broker/src/upstox/token-rules.ts";

export interface Holders {
  readonly clientId: string;
  readonly redirectUri: string;
  /** Taken in turn. */
  readonly accountIds: readonly string[];
}

const PER_TRANSACTION = 500;

/**
 * Fresh codes, each bound as a login would bind it, in the order of their rows. Codes are exchanged about as they were
 * issued, so neighbours lie side by side in the table; here hundreds share a millisecond, within which row keys are
 * random, and in any other order each exchange would touch a page of its own.
 */
export async function issueCodes(parts: BrokerParts, holders: Holders, count: number): Promise<string[]> {
  const codes = await inGroups(count, async (index) => {
    const now = parts.clock.now();
    const code = mintCode(parts, now);
    const binding = {
      clientId: holders.clientId,
      clientEpoch: 0,
      accountId: accountOf(holders, index),
      redirectUri: holders.redirectUri,
      codeChallenge: null,
      attemptKey: code.rowKey,
    };
    await parts.db.write(() => saveIssuedCode(parts, code, binding, now));
    return code.text;
  });
  return codes.sort();
}

/** Live access tokens. */
export function issueTokens(parts: BrokerParts, holders: Holders, count: number): Promise<string[]> {
  return inGroups(count, async (index) => {
    const now = parts.clock.now();
    const minted = mintAccessToken(parts, upstoxTokenRules, now);
    const owner = {
      clientId: holders.clientId,
      clientEpoch: 0,
      accountId: accountOf(holders, index),
      accountEpoch: 0,
      extendedEpoch: 0,
    };
    await parts.db.write(() => saveAccessToken(parts, upstoxTokenRules, minted, owner, now));
    return minted.text;
  });
}

async function inGroups(count: number, issue: (index: number) => Promise<string>): Promise<string[]> {
  const issued: string[] = [];
  while (issued.length < count) {
    const length = Math.min(PER_TRANSACTION, count - issued.length);
    issued.push(...(await Promise.all(Array.from({ length }, (_, index) => issue(issued.length + index)))));
  }
  return issued;
}

function accountOf({ accountIds }: Holders, index: number): string {
  return accountIds[index % accountIds.length] ?? "";
}
