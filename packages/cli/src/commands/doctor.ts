import type { Command } from "commander";
import { accountName } from "./account-options.ts";

/** `kunji doctor`: says what is wrong before a login fails. */
export function addDoctorCommand(program: Command): void {
  program
    .command("doctor")
    .description("Find what is wrong before a login fails. Its output is safe to paste in public.")
    .argument("[broker]", "upstox or tradejini; all your accounts when left out")
    .option("--account <name>", "only this account", accountName)
    .option("--public-ip-from <url>", "ask this address for your public IP, to compare it with the registered ones")
    .option("--json", "print one line of JSON")
    .allowExcessArguments(false)
    .showHelpAfterError("See kunji doctor --help.")
    .addHelpText("after", "\nEnds with exit code 1 when something would make a login fail.")
    .action(async (broker: string | undefined, flags: import("../doctor/doctor.ts").DoctorFlags) => {
      const { doctor } = await import("../doctor/doctor.ts");
      await doctor(broker, flags);
    });
}
