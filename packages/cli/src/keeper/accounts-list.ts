import { alignColumns } from "../terminal/table.ts";
import { accountProblems } from "./account-problems.ts";
import { withKeeper } from "./with-keeper.ts";

/** The accounts as they were added, also those that this Kunji can do nothing with; no secret in it. */
export async function listAccounts({ json }: { readonly json?: true }): Promise<void> {
  await withKeeper(async ({ keeper, terminal }) => {
    const accounts = (await keeper.accounts.listAll()).map(({ broker, account, profile, problem }) => {
      const { way, clientId, redirectUri, userId, host } = profile ?? {};
      return { broker, account, way, clientId, redirectUri, userId, host, problem };
    });
    if (json) return terminal.print(JSON.stringify({ accounts }));
    if (accounts.length === 0) return terminal.print("No account yet. Add one: kunji accounts add upstox");
    const { style } = terminal;
    const heads = ["Account", "Login", "API key", "User"].map(style.dim);
    const rows = accounts.map((one) => [
      style.bold(`${one.broker}/${one.account}`),
      one.way ?? style.red("cannot be used"),
      one.clientId ?? "",
      one.userId ?? "",
    ]);
    terminal.print(alignColumns([heads, ...rows], { indent: 2 }) + accountProblems(accounts, style));
  });
}
