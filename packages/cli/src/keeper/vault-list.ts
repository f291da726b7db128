import { istMoment } from "../terminal/ist-time.ts";
import { alignColumns } from "../terminal/table.ts";
import { withKeeper } from "./with-keeper.ts";

/** What the vault holds: names, keys and times; nothing is opened. */
export async function listVault({ json }: { readonly json?: true }): Promise<void> {
  await withKeeper(async ({ keeper: { vault }, terminal }) => {
    const entries = await vault.list();
    if (json) return terminal.print(JSON.stringify({ place: vault.place, entries }));
    const { style } = terminal;
    terminal.print(`${style.dim("Vault")} ${vault.place}`);
    if (entries.length === 0) return terminal.print("It is empty.");
    const heads = ["Account", "Holds", "Written", "Key"].map(style.dim);
    const rows = entries.map(({ broker, account, kind, writtenAt, keyId }) => [
      `${broker}/${account}`,
      kind,
      istMoment(writtenAt / 1000),
      keyId,
    ]);
    terminal.print(alignColumns([heads, ...rows], { indent: 2 }));
  });
}
