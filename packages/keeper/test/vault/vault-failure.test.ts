import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openFileVault } from "../../src/vault/file-vault.ts";
import { vaultFolder } from "./_vault-folder.ts";

describe("a vault that cannot be opened where it should be", () => {
  it.each([
    ["a file in its path", "VAULT_UNAVAILABLE", /no folder.*KUNJI_VAULT/, (path: string) => writeFileSync(path, "")],
    ["a link that leads back to itself", "VAULT_UNAVAILABLE", /leads back/, (path: string) => symlinkSync(path, path)],
  ] as const)("says what to do about %s", async (_name, code, nextStep, put) => {
    await using folder = vaultFolder();
    put(folder.vault);
    const keys = { main: "file", keyFolder: folder.keys };
    const opening = openFileVault({ directory: `${folder.vault}/below`, keys });
    await expect(opening).rejects.toMatchObject({ code, nextStep: expect.stringMatching(nextStep) });
  });

  it.each([
    ["a file", (path: string) => writeFileSync(path, "")],
    [
      "a folder in place of a file",
      (path: string) => mkdirSync(`${path}/vault.json`, { recursive: true, mode: 0o700 }),
    ],
  ] as const)("says that %s is none of Kunji's", async (_name, put) => {
    await using folder = vaultFolder();
    put(folder.vault);
    await expect(folder.open()).rejects.toMatchObject({
      code: "VAULT_UNSAFE",
      nextStep: expect.stringContaining("move it away"),
    });
  });

  it("says what to do about a key file that holds something else", async () => {
    await using folder = vaultFolder();
    await (await folder.open()).close();
    const path = `${folder.path}/other.key`;
    writeFileSync(path, "not a key", { mode: 0o600 });
    await expect(folder.open({ keys: { main: `file:${path}` } })).rejects.toMatchObject({
      code: "VAULT_LOCKED",
      nextStep: expect.stringContaining("Put the vault's own key back"),
    });
  });
});
