// The npm that runs us, or the one on the path.
import { execFile } from "node:child_process";

/** Registries that do not answer are given up at once: what they know is asked for again with the next run. */
const PATIENCE = { npm_config_fetch_retries: "0", npm_config_fetch_timeout: "20000" };

/**
 * Runs npm in a folder. It never rejects: a program that cannot be started has `code` 127.
 * @param {readonly string[]} words
 * @param {string} cwd
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
export function npm(words, cwd) {
  const own = process.env.npm_execpath;
  const [program, first] = own?.endsWith(".js") ? [process.execPath, [own]] : ["npm", []];
  const options = {
    cwd,
    env: { ...process.env, ...PATIENCE },
    maxBuffer: 256 * 1024 * 1024,
    // npm is a script on Windows; none of the words comes from outside.
    shell: program === "npm" && process.platform === "win32",
  };
  return new Promise((resolve) => {
    execFile(program, [...first, ...words], options, (error, stdout, stderr) => {
      const code = typeof error?.code === "number" ? error.code : error ? 127 : 0;
      resolve({ code, stdout, stderr: code === 127 ? `npm could not be run: ${error.message}` : stderr });
    });
  });
}
