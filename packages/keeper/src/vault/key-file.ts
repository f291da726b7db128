import { basename, dirname } from "node:path";
import { KeeperError } from "../keeper-error.ts";
import { nodeFileSystem } from "./file-system.ts";
import { readKeyRing, writeKeyRing } from "./key-ring.ts";
import { readPrivateFile, replacePrivateFile } from "./private-file.ts";
import { vaultFailure } from "./vault-failure.ts";
import type { KeySource } from "./vault-key.ts";

/** A key in a file that only its owner can read. @param path absolute */
export function fileKeySource(path: string): KeySource {
  const where = `the key file ${path}`;
  const fs = nodeFileSystem;
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
      if (ring === undefined) throw new KeeperError("VAULT_LOCKED", `${where} holds no vault key`);
      return ring;
    },
    async save(ring) {
      try {
        await fs.mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await replacePrivateFile(fs, dirname(path), basename(path), Buffer.from(writeKeyRing(ring), "utf8"));
      } catch (error) {
        throw vaultFailure(error, path, "could not be written");
      }
    },
  };
}
