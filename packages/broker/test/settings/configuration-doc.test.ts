import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { printSettings } from "./_printed-settings.ts";

const FILE = fileURLToPath(new URL("../../../../docs/configuration.md", import.meta.url));
const BEGIN =
  "<!-- printed from packages/broker/src/settings.ts; `npx vitest run configuration-doc -u` prints it anew -->";
const END = "<!-- end of the printed table -->";

it("docs/configuration.md lists every setting, with its limits and default", async () => {
  const text = readFileSync(FILE, "utf8");
  const [before, rest] = [text.indexOf(BEGIN), text.indexOf(END)];
  expect(before, "the marks around the table").toBeGreaterThan(0);
  expect(rest).toBeGreaterThan(before);
  const printed = `${text.slice(0, before)}${BEGIN}\n\n${printSettings()}\n\n${text.slice(rest)}`;
  await expect(printed).toMatchFileSnapshot(FILE);
});
