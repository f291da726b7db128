import type { Command } from "commander";
import { accountCommand } from "./account-options.ts";

/** `kunji login`: the day's one login of an account. */
export function addLoginCommand(program: Command): void {
  accountCommand(program, "login", "Log an account in; its token is then valid in every process.")
    .option("--force", "log in again although the token is still valid")
    .option("--no-browser", "open no browser; print the address, and take the pasted answer")
    .option("--qr", "show the address as a QR code as well")
    .action(async (broker: string, flags: import("../keeper/login.ts").LoginFlags) => {
      const { login } = await import("../keeper/login.ts");
      await login(broker, flags);
    });
}
