import { kunjiFolders, openBrowser } from "@kunji/keeper";
import { connectKeeper, servicePaths } from "@kunji/keeper/service";
import { CommandError, exitCodes } from "../command-error.ts";
import { canAskPerson } from "../terminal/browser-here.ts";
import { keeperFailure } from "./keeper-failure.ts";
import { systemTerminal } from "./terminal.ts";

/** Opens the dashboard of the running service, or prints a link into it. */
export async function dashboard({ browser }: { readonly browser: boolean }): Promise<void> {
  const terminal = systemTerminal();
  const { data } = await kunjiFolders();
  const { socket } = servicePaths(data);
  if (socket === undefined) {
    throw new CommandError(exitCodes.failed, "On Windows, open the link that kunji keep printed when it started.");
  }
  const service = connectKeeper({ socket });
  try {
    const { url } = await service.dashboardLink();
    if (browser && canAskPerson(process) && (await openBrowser(url))) {
      terminal.print("The dashboard opens in your browser.");
    } else {
      terminal.print(url);
    }
  } catch (error) {
    throw keeperFailure(error);
  } finally {
    service.close();
  }
}
