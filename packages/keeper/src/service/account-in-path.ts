import type { FastifyRequest } from "fastify";
import { type AccountId, accountLabel, requireAccountName } from "../account.ts";
import type { AccountStatus } from "../account-status.ts";
import { KeeperError } from "../keeper-error.ts";
import type { KeeperForService } from "./keeper-for-service.ts";

/** Paths that name an account: `/v1/tokens/:broker/:account`. @throws KeeperError `UNKNOWN_ACCOUNT` */
export function accountInPath(request: FastifyRequest): AccountId {
  const { broker = "", account = "" } = request.params as Readonly<Record<string, string | undefined>>;
  try {
    return { broker: requireAccountName(broker), account: requireAccountName(account) };
  } catch (cause) {
    throw unknownAccount(cause);
  }
}

/** The account that the path names. @throws KeeperError `UNKNOWN_ACCOUNT` when it was not added */
export async function findAccount(keeper: KeeperForService, request: FastifyRequest): Promise<AccountStatus> {
  const label = accountLabel(accountInPath(request));
  const found = (await keeper.status()).find((status) => accountLabel(status) === label);
  if (!found) throw unknownAccount();
  return found;
}

function unknownAccount(cause?: unknown): KeeperError {
  return new KeeperError("UNKNOWN_ACCOUNT", "there is no account of this name", {
    cause,
    nextStep: "Run: kunji accounts list",
  });
}
