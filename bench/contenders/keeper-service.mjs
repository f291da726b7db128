// In a process of its own: the service, as `kunji keep` runs it, with one account that logs in by itself.
import { openKeeper, openVault } from "@kunji/keeper";
import { startService } from "@kunji/keeper/service";
import { answerParent } from "../harness/child-calls.mjs";

let close;
answerParent({
  async start({ home, account }) {
    const vault = await openVault({ env: { KUNJI_HOME: home, KUNJI_VAULT_KEY: "file" } });
    const keeper = await openKeeper({ vault });
    await keeper.accounts.add({ broker: "tradejini", way: "totp", ...account });
    const service = await startService({
      keeper,
      dataFolder: home,
      port: 0,
      webhookPort: 0,
      schedule: false,
      // Log lines are made as ever; the pipe of the bench is nobody's log.
      writeLog: () => {},
    });
    await keeper.session("tradejini");
    close = async () => {
      await service.close();
      await keeper.close();
      await vault.close();
    };
    return { socket: service.socket, url: service.url, bearerFile: service.bearerFile };
  },
  close: () => close?.(),
});
