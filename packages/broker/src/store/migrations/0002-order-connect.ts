import type { Migration } from "../migrate.ts";

/** Registered addresses of apps, sessions that are counted per person, and the orders of order-connect. */
export const orderConnect: Migration = {
  name: "0002-order-connect",
  statements: ({ bigint, clustered, serial }) => [
    // JSON list of addresses; an empty one means any.
    "ALTER TABLE clients ADD COLUMN allowed_ips TEXT NOT NULL DEFAULT '[]'",
    // The attempt the newest SMS code was sent for, where such a code also counts outside the pages.
    "ALTER TABLE accounts ADD COLUMN otp_attempt TEXT",
    // Where only so many tokens of a person may live: a row each, in the order of issue.
    `CREATE TABLE account_sessions (
      seq ${serial},
      account_id TEXT NOT NULL,
      token_key TEXT NOT NULL
    )`,
    "CREATE INDEX account_sessions_account ON account_sessions (account_id, seq)",
    // What an app asks to be placed, exactly as it was checked; only its key travels (S-59).
    `CREATE TABLE baskets (
      basket_key TEXT PRIMARY KEY,
      client_id TEXT NOT NULL,
      orders TEXT NOT NULL,
      state TEXT NOT NULL,
      account_id TEXT,
      created_at ${bigint} NOT NULL,
      decided_at ${bigint}
    ) ${clustered}`,
    `CREATE TABLE orders (
      order_key TEXT PRIMARY KEY,
      order_id TEXT NOT NULL,
      basket_key TEXT NOT NULL,
      line INTEGER NOT NULL,
      account_id TEXT NOT NULL,
      client_id TEXT NOT NULL,
      details TEXT NOT NULL,
      status TEXT NOT NULL,
      placed_at ${bigint} NOT NULL,
      UNIQUE (basket_key, line)
    )`,
    "CREATE INDEX orders_account ON orders (account_id, order_key)",
  ],
};
