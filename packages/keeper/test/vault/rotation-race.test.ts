import { describe, expect, it } from "vitest";
import type { Keychain } from "../../src/vault/keychain-key.ts";
import { SESSION, vaultFolder } from "./_vault-folder.ts";

/** A keychain that lets something happen before its next answer. */
function slowKeychain() {
  const kept = new Map<string, string>();
  let meanwhile: (() => Promise<unknown>) | undefined;
  const keychain: Keychain = {
    async read(account) {
      const happens = meanwhile;
      meanwhile = undefined;
      await happens?.();
      return kept.get(account);
    },
    async replace(account, secret) {
      kept.set(account, secret);
    },
  };
  return {
    keys: { main: "keychain", openKeychain: async () => keychain },
    kept,
    before(work: () => Promise<unknown>) {
      meanwhile = work;
    },
  };
}

describe("a key rotation that begins and ends while another process fetches the key", () => {
  it.each([1, 2])("does not lock out who opens the vault, nor %d of them in a row", async (times) => {
    await using folder = vaultFolder();
    const { keys, before } = slowKeychain();
    const rotating = await folder.open({ keys });
    await rotating.write(SESSION, "a token");
    before(async () => {
      for (let time = 0; time < times; time++) await rotating.rotateKey();
    });
    const opening = await folder.open({ keys });
    expect(await opening.read(SESSION)).toBe("a token");
    await opening.write(SESSION, "another");
    expect(await rotating.read(SESSION)).toBe("another");
  });

  it("does not lock out who reads with a key of before", async () => {
    await using folder = vaultFolder();
    const { keys, before } = slowKeychain();
    const [rotating, reading] = [await folder.open({ keys }), await folder.open({ keys })];
    await rotating.write(SESSION, "a token");
    expect(await reading.read(SESSION)).toBe("a token");
    await rotating.rotateKey();
    before(() => rotating.rotateKey());
    expect(await reading.read(SESSION)).toBe("a token");
  });

  it("still locks out whoever has another key", async () => {
    await using folder = vaultFolder();
    const { keys, kept } = slowKeychain();
    const vault = await folder.open({ keys });
    const [[name = "", old = ""] = []] = [...kept];
    await vault.rotateKey();
    kept.set(name, old);
    await expect(folder.open({ keys })).rejects.toMatchObject({ code: "VAULT_LOCKED" });
  });
});
