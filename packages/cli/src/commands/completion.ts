import { Argument, type Command } from "commander";

/** `kunji completion bash|zsh|fish`: a script for the shell, made from the commands themselves. */
export function addCompletionCommand(program: Command): void {
  program
    .command("completion")
    .description("Print a completion script for your shell.")
    .addArgument(new Argument("<shell>").choices(["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      `
  bash:  kunji completion bash > ~/.local/share/bash-completion/completions/kunji
  zsh:   kunji completion zsh > ~/.zfunc/_kunji    (with ~/.zfunc in your fpath)
  fish:  kunji completion fish > ~/.config/fish/completions/kunji.fish`,
    )
    .allowExcessArguments(false)
    .action(async (shell: import("../completion/completion.ts").Shell) => {
      const { completionScript } = await import("../completion/completion.ts");
      process.stdout.write(completionScript(shell, program));
    });
}
