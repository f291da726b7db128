import { usageError } from "../command-error.ts";
import type { AccountFlags } from "../commands/account-options.ts";
import { viewsOf } from "./account-views.ts";
import { apiFailure } from "./api-failure.ts";
import { withKeeper } from "./with-keeper.ts";

/** Reads and prints one thing of an account: `kunji profile`, `kunji funds`. */
export async function showView(
  view: "profile" | "funds",
  broker: string,
  { account, json }: AccountFlags,
): Promise<void> {
  await withKeeper(async ({ keeper, terminal, signal }) => {
    const views = await viewsOf(broker);
    if (!views)
      throw usageError([
        `There is no broker of that name. Choose one of: ${keeper.brokers.map(({ name }) => name).join(", ")}.`,
      ]);
    terminal.progress.say(`Asking ${broker}`);
    const block = await views[view](keeper, account, signal).catch((error: unknown) => {
      throw apiFailure(error, broker);
    });
    terminal.progress.stop();
    const { style } = terminal;
    const text = json
      ? JSON.stringify(block.data)
      : `${style.bold(block.title)}\n${block.text(style).replaceAll(/^ {2}/gm, "")}`;
    terminal.print(text);
  });
}
