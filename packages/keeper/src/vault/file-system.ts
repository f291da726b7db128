import fs from "node:fs/promises";

/** What the vault needs of a file system: `node:fs/promises`, or in tests one whose disk is full or failing. */
export type FileSystem = Pick<
  typeof fs,
  "open" | "rename" | "unlink" | "lstat" | "stat" | "readdir" | "mkdir" | "utimes"
>;

export const nodeFileSystem: FileSystem = fs;
