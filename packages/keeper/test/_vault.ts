import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openVault, type Vault } from "../src/index.ts";

/** A place of its own for a keeper, gone when disposed. */
export interface TestHome extends AsyncDisposable {
  readonly path: string;
  /** What a process gets to open the vault in it. */
  readonly env: { readonly KUNJI_HOME: string; readonly KUNJI_VAULT_KEY: string; readonly KUNJI_VAULT?: string };
  /** Opens the vault as one more process would; closed with the home. */
  readonly open: () => Promise<Vault>;
}

/** @param vault a `postgres://` URL instead of files */
export async function testHome(vault?: string): Promise<TestHome> {
  const path = await mkdtemp(join(tmpdir(), "kunji-keeper-"));
  const env = { KUNJI_HOME: path, KUNJI_VAULT_KEY: "file", ...(vault === undefined ? {} : { KUNJI_VAULT: vault }) };
  const opened: Vault[] = [];
  return {
    path,
    env,
    async open() {
      const one = await openVault({ env: { ...env } });
      opened.push(one);
      return one;
    },
    async [Symbol.asyncDispose]() {
      for (const one of opened) await one.close();
      await rm(path, { recursive: true, force: true });
    },
  };
}
