import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { mobileStep } from "../../src/pages/index.ts";
import { tagsNamed } from "./_html.ts";
import { flow } from "./_views.ts";

it("the icon file and the logo on the pages draw the same key", () => {
  const icon = readFileSync(new URL("../../src/pages/icon.svg", import.meta.url), "utf8");
  const logo = tagsNamed(mobileStep(flow), "path")[0]?.attributes.get("d");
  expect(tagsNamed(icon, "path")[0]?.attributes.get("d")).toBe(logo);
});
