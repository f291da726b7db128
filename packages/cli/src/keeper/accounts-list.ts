import { alignColumns } from "../terminal/table.ts";
import { withKeeper } from "./with-keeper.ts";

/** The accounts as they were added; no secret in it. */
export async function listAccounts({ json }: { readonly json?: true }): Promise<void> {
  await withKeeper(async ({ keeper, terminal }) => {
    const accounts = (await keeper.accounts.list()).map(
      ({ broker, account, way, clientId, redirectUri, userId, host }) => ({
        broker,
        account,
        way,
        clientId,
        redirectUri,
        userId,
        host,
      }),
    );
    if (json) return terminal.print(JSON.stringify({ accounts }));
    if (accounts.length === 0) return terminal.print("No account yet. Add one: kunji accounts add upstox");
    const { style } = terminal;
    const heads = ["Account", "Login", "API key", "User"].map(style.dim);
    const rows = accounts.map((one) => [
      style.bold(`${one.broker}/${one.account}`),
      one.way,
      one.clientId,
      one.userId ?? "",
    ]);
    terminal.print(alignColumns([heads, ...rows], { indent: 2 }));
  });
}
