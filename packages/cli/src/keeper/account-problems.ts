import type { AccountProblem } from "@kunji/keeper";
import type { Style } from "../terminal/style.ts";

interface PerhapsUnusable {
  readonly broker: string;
  readonly account: string;
  readonly problem: AccountProblem | undefined;
}

/** What stands below a table of accounts: why some of them cannot be used, and what to do. @returns "" when all can */
export function accountProblems(accounts: readonly PerhapsUnusable[], style: Style): string {
  return accounts
    .flatMap(({ broker, account, problem }) => {
      if (problem === undefined) return [];
      const next = problem.nextStep === undefined ? "" : `\n  ${style.dim(problem.nextStep)}`;
      return [`\n\n  ${style.bold(`${broker}/${account}`)}: ${problem.message}.${next}`];
    })
    .join("");
}
