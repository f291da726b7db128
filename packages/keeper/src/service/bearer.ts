import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { nodeFileSystem } from "../vault/file-system.ts";
import { replacePrivateFile } from "../vault/private-file.ts";

/** The password of the loopback port: 256 random bits per start, in a file that only this user can read (S-75). */
export interface Bearer {
  readonly file: string;
  /** @param authorization the header as it came */
  readonly fits: (authorization: string | undefined) => boolean;
  /** Writes the file, in place of one that another start left. Until then nobody knows the bearer. */
  readonly publish: () => Promise<void>;
  /** The file goes; what was in it is worth nothing any more. */
  readonly remove: () => Promise<void>;
}

export function createBearer(file: string): Bearer {
  const text = randomBytes(32).toString("base64url");
  const expected = digest(text);
  return {
    file,
    fits: (authorization) => {
      const given = /^bearer ([\w-]{1,128})$/i.exec(authorization ?? "")?.[1];
      return given !== undefined && timingSafeEqual(digest(given), expected);
    },
    publish: () => replacePrivateFile(nodeFileSystem, dirname(file), basename(file), Buffer.from(`${text}\n`)),
    remove: () => rm(file, { force: true }),
  };
}

/** Equal lengths for a comparison in constant time. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
