import type { TokenRules } from "../grants/token-rules.ts";

/** `expires_in` of every token. */
export const TOKEN_LIFETIME_SECONDS = 86_400;

/** Tokens live 24 hours from issue; a user has at most ten sessions (protocol/tradejini.md 8). */
export const tradejiniTokenRules: TokenRules = {
  accessPrefix: "kutj_at_",
  accessExpiry: (issuedAt) => issuedAt + TOKEN_LIFETIME_SECONDS * 1000,
  mostSessions: 10,
};
