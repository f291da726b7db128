import type { AccountFlags } from "../commands/account-options.ts";
import { viewsOf } from "./account-views.ts";
import { apiFailure } from "./api-failure.ts";
import { requireBroker } from "./require-broker.ts";
import { withKeeper } from "./with-keeper.ts";

/** Reads and prints one thing of an account: `kunji profile`, `kunji funds`. */
export async function showView(
  view: "profile" | "funds",
  broker: string,
  { account, json }: AccountFlags,
): Promise<void> {
  await withKeeper(async ({ keeper, terminal, signal }) => {
    const views = await viewsOf(requireBroker(keeper, broker).name);
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
