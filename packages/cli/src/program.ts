import { Command, CommanderError } from "commander";
import { CommandError, type ExitCode, exitCodes } from "./command-error.ts";
import { addAccountsCommand } from "./commands/accounts.ts";
import { addAdminCommand } from "./commands/admin.ts";
import { addCompletionCommand } from "./commands/completion.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addFundsCommand } from "./commands/funds.ts";
import { addDashboardCommand, addKeepCommand } from "./commands/keep.ts";
import { addLoginCommand } from "./commands/login.ts";
import { addLogoutCommand } from "./commands/logout.ts";
import { addProfileCommand } from "./commands/profile.ts";
import { addServeCommand } from "./commands/serve.ts";
import { addStatusCommand } from "./commands/status.ts";
import { addTokenCommand } from "./commands/token.ts";
import { addVaultCommand } from "./commands/vault.ts";
import { VERSION } from "./version.ts";

/** The command line, command by command; docs/cli.md is compared with it. */
export function createProgram(): Command {
  const program = new Command("kunji")
    .description("Login for Indian broker APIs, and a broker to test it against.")
    .version(VERSION, "-v, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError("See kunji --help.");
  program.commandsGroup("Your accounts:");
  addLoginCommand(program);
  addTokenCommand(program);
  addStatusCommand(program);
  addProfileCommand(program);
  addFundsCommand(program);
  addLogoutCommand(program);
  addAccountsCommand(program);
  addVaultCommand(program);
  addDoctorCommand(program);
  addKeepCommand(program);
  addDashboardCommand(program);
  program.commandsGroup("A broker of your own:");
  addDemoCommand(program);
  addServeCommand(program);
  addAdminCommand(program);
  program.commandsGroup("More:");
  addCompletionCommand(program);
  program.addHelpText(
    "after",
    `
Exit codes: 0 done, 1 failed, 2 used wrongly, 3 login needed, 4 broker unreachable.`,
  );
  return program;
}

/**
 * Runs one command line.
 * @param words what stands behind `kunji`
 * @returns the exit code; whatever went wrong has been said on stderr
 */
export async function runCommandLine(words: readonly string[]): Promise<ExitCode> {
  try {
    await createProgram().parseAsync([...words], { from: "user" });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usedWrongly;
    process.stderr.write(`kunji: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof CommandError ? error.exitCode : exitCodes.failed;
  }
}
