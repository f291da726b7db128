import { type Command, InvalidArgumentError } from "commander";
import { accountCommand } from "./account-options.ts";

/** `kunji token`: only the token, for `$(kunji token upstox)`. */
export function addTokenCommand(program: Command): void {
  accountCommand(program, "token", "Print the access token, and nothing else.")
    .option("--wait <seconds>", "wait for somebody to log in, at most so long", seconds)
    .addHelpText("after", "\nWithout a valid token it ends with exit code 3 and prints nothing on stdout.")
    .action(async (broker: string, flags: import("../keeper/token.ts").TokenFlags) => {
      const { token } = await import("../keeper/token.ts");
      await token(broker, flags);
    });
}

function seconds(text: string): number {
  const value = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= 86_400) return value;
  throw new InvalidArgumentError("It must be a whole number of seconds from 1 to 86400.");
}
