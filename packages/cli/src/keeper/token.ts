import type { AccountFlags } from "../commands/account-options.ts";
import { sessionFacts } from "./session-facts.ts";
import { withKeeper } from "./with-keeper.ts";

export interface TokenFlags extends AccountFlags {
  /** Seconds. */
  readonly wait?: number;
}

/** Prints the token and nothing else; with `--json` whose it is and when it ends as well. */
export async function token(broker: string, { account, json, wait }: TokenFlags): Promise<void> {
  await withKeeper(async ({ keeper, terminal, signal }) => {
    const until = wait === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(wait * 1000)]);
    const session = await keeper
      .session(broker, { account, signal: until, wait: wait !== undefined })
      .catch(async (error: unknown) => {
        if (!until.aborted || signal.aborted) throw error;
        const { LoginRequired } = await import("@kunji/keeper");
        throw new LoginRequired({ broker, account }, { cause: error });
      });
    const accessToken = session.accessToken.reveal();
    terminal.print(json ? JSON.stringify({ ...sessionFacts(session, Date.now()), accessToken }) : accessToken);
  });
}
