// A person who keeps accounts also runs brokers for tests, in one shell: no setting of one part may stop another.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readSettings } from "@kunji/broker";
import { expect, it } from "vitest";

const packages = fileURLToPath(new URL("../packages/", import.meta.url));

/** What a notify command is told is set by the keeper, and read by nobody here. */
const TOLD_TO_COMMANDS = "KUNJI_EVENT";

function settingsIn(folder: string): string[] {
  const files = readdirSync(packages + folder, { recursive: true, encoding: "utf8" });
  const text = files
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => readFileSync(`${packages}${folder}/${file}`, "utf8"))
    .join("\n");
  return [...new Set(text.match(/\bKUNJI_[A-Z_]+\b/g))].filter((name) => name !== TOLD_TO_COMMANDS);
}

it.each(["client/src", "keeper/src", "cli/src/keeper"])(
  "a broker starts in a shell with the settings of %s",
  (folder) => {
    const names = settingsIn(folder);
    expect(names).not.toEqual([]);
    expect(() => readSettings(Object.fromEntries(names.map((name) => [name, "something"])))).not.toThrow();
  },
);
