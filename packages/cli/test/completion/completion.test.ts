import { execFileSync } from "node:child_process";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { completionScript } from "../../src/completion/completion.ts";

function program(): Command {
  const root = new Command("kunji");
  root.command("login").description("log in").argument("<broker>").option("--account <name>", "which one");
  const accounts = root.command("accounts").description("it's a group");
  accounts.command("add").argument("<broker>").option("--way <way>", "how");
  return root;
}

/** What bash offers for a command line; the last word is the one being typed. */
function offered(line: readonly string[]): string[] {
  const script = `${completionScript("bash", program())}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _kunji; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync("bash", ["-c", script, "bash", ...line], { encoding: "utf8" });
  return text.split("\n").filter((word) => word !== "");
}

describe("kunji completion", () => {
  it.each([
    [
      ["kunji", ""],
      ["login", "accounts", "--help"],
    ],
    [["kunji", "lo"], ["login"]],
    [
      ["kunji", "login", ""],
      ["upstox", "tradejini", "--account", "--help"],
    ],
    [["kunji", "login", "upstox", "--a"], ["--account"]],
    [
      ["kunji", "login", "upstox", "--account", "main", "--"],
      ["--account", "--help"],
    ],
    [
      ["kunji", "accounts", ""],
      ["add", "--help"],
    ],
    [["kunji", "accounts", "add", "t"], ["tradejini"]],
    [["kunji", "nonsense", "l"], ["login"]],
  ])("bash offers for %j what may stand there", (line, words) => {
    expect(offered(line)).toEqual(words);
  });

  it("is not broken by an apostrophe in a description", () => {
    expect(completionScript("zsh", program())).toContain("'accounts:it'\\''s a group'");
    expect(completionScript("fish", program())).toContain("-d 'it'\\''s a group'");
  });
});
