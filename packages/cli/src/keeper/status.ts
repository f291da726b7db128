import type { AccountStatus, SessionState } from "@kunji/keeper";
import { usageError } from "../command-error.ts";
import { istIso, istMoment, timeLeft } from "../terminal/ist-time.ts";
import type { Style } from "../terminal/style.ts";
import { alignColumns } from "../terminal/table.ts";
import { accountProblems } from "./account-problems.ts";
import { requireBroker } from "./require-broker.ts";
import { withKeeper } from "./with-keeper.ts";

export interface StatusFlags {
  readonly account?: string;
  readonly json?: true;
}

/** All accounts, or those asked for: state, user, time left. */
export async function status(broker: string | undefined, flags: StatusFlags): Promise<void> {
  await withKeeper(async ({ keeper, terminal }) => {
    const title = broker === undefined ? undefined : requireBroker(keeper, broker).title;
    if (broker !== undefined && flags.account !== undefined) {
      await keeper.accounts.load({ broker, account: flags.account });
    }
    const all = await keeper.status();
    const asked = all.filter(
      (one) => (broker ?? one.broker) === one.broker && (flags.account ?? one.account) === one.account,
    );
    if (flags.account !== undefined && asked.length === 0) {
      throw usageError([`No account is called ${flags.account}. See kunji accounts list.`]);
    }
    if (flags.json) {
      terminal.print(JSON.stringify({ accounts: asked.map(statusFacts) }));
    } else if (asked.length === 0) {
      const where = title === undefined ? "" : ` at ${title}`;
      terminal.print(`No account${where} yet. Add one: kunji accounts add ${broker ?? "upstox"}`);
    } else {
      terminal.print(statusTable(asked, terminal.style));
    }
  });
}

/** For programs. */
function statusFacts(status: AccountStatus): object {
  const { broker, account, way, state, secondsLeft, userId, userName, issuedAt, expiresAt, obtainedBy } = status;
  const expiresAtIst = expiresAt === undefined ? undefined : istIso(expiresAt);
  const { problem } = status;
  const facts = { broker, account, way, state, secondsLeft, userId, userName, issuedAt, expiresAt, expiresAtIst };
  return { ...facts, obtainedBy, problem };
}

const WORDS: Readonly<Record<SessionState, string>> = {
  valid: "valid",
  expiring: "ends soon",
  expired: "expired",
  none: "not logged in",
  "logging-in": "logging in",
  unusable: "cannot be used",
};

function statusTable(accounts: readonly AccountStatus[], style: Style): string {
  const heads = ["Account", "User", "State", "Valid until", "Left"].map(style.dim);
  const rows = accounts.map((one) => [
    style.bold(`${one.broker}/${one.account}`),
    one.userId === undefined ? style.dim("not known yet") : one.userId,
    stateText(one.state, style),
    one.expiresAt === undefined ? "" : istMoment(one.expiresAt),
    one.secondsLeft > 0 ? timeLeft(one.secondsLeft) : "",
  ]);
  return alignColumns([heads, ...rows], { indent: 2 }) + accountProblems(accounts, style);
}

function stateText(state: SessionState, style: Style): string {
  const paint = {
    valid: style.green,
    expiring: style.yellow,
    expired: style.red,
    none: style.dim,
    "logging-in": style.cyan,
    unusable: style.red,
  };
  return paint[state](`● ${WORDS[state]}`);
}
