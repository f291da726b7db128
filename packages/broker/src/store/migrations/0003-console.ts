import type { Migration } from "../migrate.ts";

/**
 * What the account console manages: apps, the tokens and browsers of a person, and what happened to an account. None of
 * its indexes is written by a token exchange.
 */
export const accountConsole: Migration = {
  name: "0003-console",
  statements: ({ bytes }) => [
    // Rises to void an app's codes and the logins under way for it, while its tokens live on (S-63).
    "ALTER TABLE clients ADD COLUMN code_epoch INTEGER NOT NULL DEFAULT 0",
    "UPDATE clients SET code_epoch = token_epoch",
    "CREATE INDEX clients_owner ON clients (owner_account)",
    // A new secret of an app, sealed, until the page after the change has shown it.
    `ALTER TABLE browser_sessions ADD COLUMN fresh_secret ${bytes}`,
    "CREATE INDEX browser_sessions_account ON browser_sessions (account_id)",
    // The token an approval bought, so that a person's tokens can be found.
    "ALTER TABLE token_requests ADD COLUMN token_key TEXT",
    "CREATE INDEX codes_account ON codes (account_id)",
    "CREATE INDEX held_tokens_account ON held_tokens (account_id)",
    // Tokens follow from what else is listed, and their rows are the ones that must cost little (design.md section 9).
    `CREATE INDEX audit_account ON audit (account_id, seq)
      WHERE account_id IS NOT NULL AND event <> 'token.issued' AND event <> 'extended-token.issued'`,
  ],
};
