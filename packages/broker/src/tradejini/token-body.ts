import type { TradejiniAccessToken } from "@kunji/contract/tradejini";
import type { IssuedToken } from "../grants/issue-token.ts";
import { TOKEN_LIFETIME_SECONDS } from "./token-rules.ts";

/** The bare object both token endpoints answer with, in the vendor's order of fields. @see protocol/tradejini.md 4 */
export function tokenBody(token: IssuedToken): Required<TradejiniAccessToken> {
  return {
    scope: "general",
    access_token: token.text,
    token_type: "bearer",
    expires_in: TOKEN_LIFETIME_SECONDS,
  };
}
