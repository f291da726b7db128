import { basename, dirname } from "node:path";
import { nodeFileSystem } from "./file-system.ts";
import { noVaultKey, readKeyRing, writeKeyRing } from "./key-ring.ts";
import { readPrivateFile, replacePrivateFile, sweepTemporaryFiles } from "./private-file.ts";
import { vaultFailure } from "./vault-failure.ts";
import type { KeyOwner, KeySource } from "./vault-key.ts";

/**
 * A key in a file that only its owner can read.
 * @param path absolute
 * @param requireExclusive rejects when others may store their key by now
 */
export function fileKeySource(path: string, requireExclusive: KeyOwner["requireExclusive"]): KeySource {
  const where = `the key file ${path}`;
  const fs = nodeFileSystem;
  const [folder, name] = [dirname(path), basename(path)];
  return {
    name: "file",
    where,
    async load() {
      const bytes = await readPrivateFile(fs, path).catch((error: unknown) => {
        throw vaultFailure(error, path, "could not be read");
      });
      if (bytes === undefined) return undefined;
      const ring = readKeyRing(bytes.toString("utf8"));
      bytes.fill(0);
      if (ring === undefined) throw noVaultKey(where);
      return ring;
    },
    async save(ring) {
      try {
        await fs.mkdir(folder, { recursive: true, mode: 0o700 });
        await sweepTemporaryFiles(fs, folder, name);
        const content = Buffer.from(writeKeyRing(ring), "utf8");
        await replacePrivateFile(fs, folder, name, content, requireExclusive);
        content.fill(0);
      } catch (error) {
        throw vaultFailure(error, path, "could not be written");
      }
    },
  };
}
