import type { CodeHolder } from "../store/codes.ts";

/** What a dialect decides about its tokens; everything else about them is shared. */
export interface TokenRules {
  readonly accessPrefix: string;
  /** When an access token issued now dies. @param issuedAt epoch ms @returns epoch ms */
  readonly accessExpiry: (issuedAt: number) => number;
  /** A reason to give this account no token, whatever the way to it, as the dialect's own error code. */
  readonly objection?: (account: Pick<CodeHolder, "profile">) => string | undefined;
  /** Most access tokens of one account that live at a time; one more ends the oldest. Absent: any number. */
  readonly mostSessions?: number;
  /** Absent where the broker has no extended tokens. */
  readonly extended?: { readonly prefix: string; readonly lifetimeMs: number };
}
