import type { Command } from "commander";

export type Shell = "bash" | "zsh" | "fish";

/** What can stand behind a command: read from the commands themselves, so that it cannot fall behind them. */
interface Completions {
  /** `accounts add`; empty for `kunji` alone. */
  readonly path: string;
  readonly words: readonly Word[];
}

interface Word {
  readonly text: string;
  readonly about: string;
}

const BROKERS: readonly Word[] = [
  { text: "upstox", about: "Upstox" },
  { text: "tradejini", about: "Tradejini" },
];

/** @returns a script that the shell sources; it calls no program when it completes */
export function completionScript(shell: Shell, program: Command): string {
  const all = collect(program, "");
  return { bash, zsh, fish }[shell](all);
}

function collect(command: Command, path: string): Completions[] {
  const children = command.commands.map((child) => ({ text: child.name(), about: child.description() }));
  const takesBroker = command.registeredArguments.some((argument) => argument.name() === "broker");
  const choices = command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
  const words = [
    ...children,
    ...(takesBroker ? BROKERS : []),
    ...choices.map((text) => ({ text, about: "" })),
    ...command.options.flatMap(({ long, description }) => (long ? [{ text: long, about: description }] : [])),
    { text: "--help", about: "print help" },
  ];
  const below = command.commands.flatMap((child) => collect(child, `${path} ${child.name()}`.trim()));
  return [{ path, words }, ...below];
}

/** Inside single quotes of every shell here. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Every chain of command words but the empty one. */
function commandPaths(all: readonly Completions[]): string[] {
  return all.filter(({ path }) => path !== "").map(({ path }) => quoted(path));
}

function bash(all: readonly Completions[]): string {
  const paths = commandPaths(all);
  const cases = all.map(
    ({ path, words }) => `    ${quoted(path)}) words=${quoted(words.map(({ text }) => text).join(" "))} ;;`,
  );
  return `# bash completion of kunji
_kunji() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    # Anything that is not a command here is an option, its value or a broker.
    case "\${path:+$path }$word" in
      ${paths.join("|")}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _kunji kunji
`;
}

function zsh(all: readonly Completions[]): string {
  const paths = commandPaths(all);
  const entry = ({ text, about }: Word) => quoted(`${text.replaceAll(":", "\\:")}${about ? `:${about}` : ""}`);
  const cases = all.map(({ path, words }) => `    ${quoted(path)}) options=(${words.map(entry).join(" ")}) ;;`);
  return `#compdef kunji
_kunji() {
  local -a options
  local word command_path=""
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${command_path:+$command_path }$word" in
      ${paths.join("|")}) command_path="\${command_path:+$command_path }$word" ;;
    esac
  done
  case "$command_path" in
${cases.join("\n")}
  esac
  _describe 'kunji' options
}
_kunji "$@"
`;
}

function fish(all: readonly Completions[]): string {
  const paths = commandPaths(all);
  const lines = all.flatMap(({ path, words }) =>
    words.map(({ text, about }) => {
      const option = text.startsWith("--") ? `-l ${text.slice(2)}` : `-a ${text}`;
      return `complete -c kunji -f -n ${quoted(`__kunji_at ${path}`.trim())} ${option}${about ? ` -d ${quoted(about)}` : ""}`;
    }),
  );
  return `# fish completion of kunji
function __kunji_at
  set -l path
  for word in (commandline -opc)[2..-1]
    switch (string join -- ' ' $path $word)
      case ${paths.join(" ")}
        set -a path $word
    end
  end
  test "$path" = "$argv"
end
${lines.join("\n")}
`;
}
