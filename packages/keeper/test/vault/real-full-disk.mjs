// A vault on a disk that is really full: `sudo node packages/keeper/test/vault/real-full-disk.mjs` (Linux, root: it
// mounts a tmpfs of 64 KiB). Fills it byte by byte and inode by inode; the old content must be there each time. Not
// part of `npm test`, which makes the same errors without root: see full-disk.test.ts.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const root = mkdtempSync(join(tmpdir(), "kunji-full-disk-"));
const disk = join(root, "disk");
const SESSION = { kind: "session", broker: "upstox", account: "default" };

const bundle = await rolldown({
  input: fileURLToPath(new URL("../../src/vault/open-vault.ts", import.meta.url)),
  platform: "node",
  external: ["@napi-rs/keyring", "pg", "env-paths"],
  logLevel: "silent",
});
await bundle.write({ dir: root, entryFileNames: "vault.mjs" });
await bundle.close();
const { openVault } = await import(pathToFileURL(join(root, "vault.mjs")).href);

mkdirSync(disk);
execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k,nr_inodes=48,mode=0700", "tmpfs", disk]);
try {
  const open = () =>
    openVault({
      vault: join(disk, "vault"),
      env: { KUNJI_HOME: root, KUNJI_VAULT_KEY: `file:${join(root, "main.key")}` },
    });
  for (const fill of [fillBytes, fillInodes]) {
    const vault = await open();
    await vault.write(SESSION, "old");
    let refusals = 0;
    for (const more of fill()) {
      const content = `new ${more} ${"x".repeat(6_000)}`;
      const failure = await vault.write(SESSION, content).then(
        () => undefined,
        (error) => error,
      );
      const found = await (await open()).read(SESSION);
      if (failure === undefined) assert.equal(found, content);
      else {
        refusals += 1;
        assert.equal(failure.code, "VAULT_UNAVAILABLE");
        assert.match(failure.message, /ENOSPC/);
        assert.match(found, /^(?:old|new \d+ x+)$/);
      }
    }
    assert.ok(refusals > 0, "the disk never became full");
    rmSync(join(disk, "filling"), { recursive: true });
    await vault.write(SESSION, "room again");
    assert.equal(await vault.read(SESSION), "room again");
    await vault.close();
    console.log(`${fill.name}: ${refusals} writes refused, nothing lost`);
  }
} finally {
  execFileSync("umount", [disk]);
  rmSync(root, { recursive: true });
}

function* fillBytes() {
  mkdirSync(join(disk, "filling"));
  for (let file = 0; statfsSync(disk).bavail > 0; file++) {
    writeFileSync(join(disk, "filling", String(file)), Buffer.alloc(4_096));
    yield file;
  }
}

function* fillInodes() {
  mkdirSync(join(disk, "filling"));
  for (let file = 0; statfsSync(disk).ffree > 0; file++) {
    writeFileSync(join(disk, "filling", String(file)), "");
    yield file;
  }
}
