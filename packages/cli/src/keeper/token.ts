import type { AccountFlags } from "../commands/account-options.ts";
import { sessionFacts } from "./session-facts.ts";
import { withKeeper } from "./with-keeper.ts";

export interface TokenFlags extends AccountFlags {
  /** Seconds. */
  readonly wait?: number;
}

const SLOW_MS = 500;

/** Prints the token and nothing else; with `--json` whose it is and when it ends as well. */
export async function token(broker: string, { account, json, wait }: TokenFlags): Promise<void> {
  await withKeeper(async ({ keeper, terminal, signal }) => {
    const until = wait === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(wait * 1000)]);
    // Said only when it takes longer than reading a vault does.
    const slow = setTimeout(() => terminal.progress.say("Waiting for a token"), SLOW_MS);
    const session = await keeper
      .session(broker, { account, signal: until, wait: wait !== undefined })
      .catch(async (error: unknown) => {
        if (!until.aborted || signal.aborted) throw error;
        const { LoginRequired } = await import("@kunji/keeper");
        throw new LoginRequired({ broker, account }, { cause: error });
      })
      .finally(() => clearTimeout(slow));
    terminal.progress.stop();
    const accessToken = session.accessToken.reveal();
    terminal.print(json ? JSON.stringify({ ...sessionFacts(session, Date.now()), accessToken }) : accessToken);
  });
}
