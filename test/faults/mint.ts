import { systemClock } from "../../packages/broker/src/clock.ts";
import { deriveBrokerKeys } from "../../packages/broker/src/crypto/broker-keys.ts";
import { createPinHasher } from "../../packages/broker/src/crypto/password-hash.ts";
import { systemRandomness } from "../../packages/broker/src/crypto/random.ts";
import { mintCode, saveIssuedCode } from "../../packages/broker/src/grants/issue-code.ts";
import { readSettings } from "../../packages/broker/src/settings.ts";
import { verifyAudit } from "../../packages/broker/src/store/audit.ts";
import { findAnyClient } from "../../packages/broker/src/store/clients.ts";
import { openDatabase } from "../../packages/broker/src/store/open-database.ts";
import { selectOne } from "../../packages/broker/src/store/verb.ts";
import { brokerClient } from "./broker-client.ts";
import { type BrokerLine, loadSettings, masterKey } from "./broker-process.ts";
import { require } from "./fault.ts";
import type { FaultStore } from "./fault-store.ts";
import type { Ledger } from "./ledger.ts";
import { withResource } from "./with-resource.ts";

/** Looks at the database from beside the broker, and issues codes as a login's last step does. */
export interface Mint extends AsyncDisposable {
  readonly codes: (count: number) => Promise<string[]>;
  /** What the rows must say whatever happened. @throws Error when they do not */
  readonly requireSoundRows: () => Promise<void>;
}

const AT_ONCE = 200;

/** Codes for a load; nobody beside the broker has the database open afterwards. */
export function mintCodes(store: Pick<FaultStore, "url">, line: BrokerLine, count: number): Promise<string[]> {
  return withResource(openMint(store, line), (mint) => mint.codes(count));
}

/**
 * Holds a healthy broker to everything it has promised, and its rows to what they must say.
 * @throws Error
 */
export async function settle(store: Pick<FaultStore, "url">, line: BrokerLine, ledger: Ledger): Promise<void> {
  await withResource(openMint(store, line), async (mint) => {
    await mint.requireSoundRows();
    await ledger.settle(brokerClient(line));
    await mint.requireSoundRows();
  });
}

export async function openMint(store: Pick<FaultStore, "url">, { upstox }: BrokerLine): Promise<Mint> {
  const keys = deriveBrokerKeys(masterKey);
  const settings = readSettings(loadSettings);
  const db = await openDatabase({ url: store.url, keyCheck: keys.check, now: Date.now(), onFailure: () => {} });
  const hasher = createPinHasher({ pepper: keys.pin });
  const parts = { db, keys, settings, hasher, clock: systemClock, random: systemRandomness() };
  const { clientId, redirectUri } = upstox.app;
  const accountIds = upstox.customers.map(({ userId }) => `upstox:${userId}`);

  const issue = async (index: number) => {
    const now = parts.clock.now();
    const code = mintCode(parts, now);
    const clientEpoch = (await db.read(() => findAnyClient(clientId)))?.codeEpoch ?? 0;
    const accountId = accountIds[index % accountIds.length] ?? "";
    const binding = { clientId, clientEpoch, accountId, redirectUri, codeChallenge: null, attemptKey: code.rowKey };
    await db.write(() => saveIssuedCode(parts, code, binding, now));
    return code.text;
  };
  return {
    async codes(count) {
      const codes: string[] = [];
      while (codes.length < count) {
        const group = Math.min(AT_ONCE, count - codes.length);
        codes.push(...(await Promise.all(Array.from({ length: group }, (_, index) => issue(index)))));
      }
      return codes;
    },
    async requireSoundRows() {
      const { outcome } = await db.read(() => verifyAudit(keys.audit));
      require(outcome === "whole", "the chain of audit rows is broken");
      const orphans = await count(
        "SELECT COUNT(*) AS n FROM tokens WHERE kind = 'access' AND token_key NOT IN (SELECT token_key FROM codes WHERE token_key IS NOT NULL)",
      );
      require(orphans === 0, `${orphans} tokens belong to no code: a code was exchanged twice`);
      const bought = await count("SELECT COUNT(*) AS n FROM codes WHERE token_key IS NOT NULL");
      const issued = await count("SELECT COUNT(*) AS n FROM audit WHERE event = 'token.issued'");
      require(bought === issued, `${issued} audit rows for ${bought} tokens: they are not of one transaction (S-98)`);
    },
    async [Symbol.asyncDispose]() {
      await hasher.close();
      await db.close();
    },
  };

  async function count(text: string): Promise<number> {
    return (await db.read(() => selectOne<{ n: number }>(text)))?.n ?? 0;
  }
}
