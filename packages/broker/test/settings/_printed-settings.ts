import { type Setting, settingsTable } from "../../src/settings.ts";

/** The table of docs/configuration.md, made from the one that the broker reads. */
export function printSettings(): string {
  const rows = Object.entries<Setting>(settingsTable).map(
    ([name, setting]) => `| \`${name}\` | ${valuesOf(setting)} | ${defaultOf(setting)} | ${setting.about} |`,
  );
  return ["| setting | values | default | what it does |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function valuesOf(setting: Setting): string {
  switch (setting.kind) {
    case "number":
      return `${setting.min} to ${setting.max} ${setting.unit}`;
    case "flag":
      return "`true` or `false`";
    case "choice":
      return setting.choices.map((choice) => `\`${choice}\``).join(", ");
    case "text":
      return "text";
  }
}

function defaultOf(setting: Setting): string {
  if (setting.kind === "number") return String(setting.default);
  return setting.default === "" ? "" : `\`${setting.default}\``;
}
