import type { Migration } from "../migrate.ts";

/**
 * Times are epoch milliseconds. `*_key` columns are time-ordered row keys (crypto/row-key.ts); no random value is
 * indexed. Secrets appear only as digests or sealed (S-10, S-20, S-27, S-46, S-69).
 */
export const initial: Migration = {
  name: "0001-initial",
  statements: ({ bytes, serial, clustered, bigint }) => [
    `CREATE TABLE clients (
      client_id TEXT PRIMARY KEY,
      dialect TEXT NOT NULL,
      name TEXT NOT NULL,
      kind TEXT NOT NULL,
      audience TEXT NOT NULL,
      status TEXT NOT NULL,
      native INTEGER NOT NULL,
      redirect_uris TEXT NOT NULL,
      flows TEXT NOT NULL,
      owner_account TEXT,
      secret_digest ${bytes},
      previous_secret_digest ${bytes},
      previous_secret_until ${bigint},
      notifier_url TEXT,
      webhook_secret ${bytes},
      token_epoch INTEGER NOT NULL DEFAULT 0,
      created_at ${bigint} NOT NULL
    )`,
    `CREATE TABLE accounts (
      account_id TEXT PRIMARY KEY,
      dialect TEXT NOT NULL,
      user_id TEXT NOT NULL,
      login_name TEXT NOT NULL,
      email TEXT NOT NULL,
      status TEXT NOT NULL,
      pin_hash TEXT,
      pin_failures INTEGER NOT NULL DEFAULT 0,
      locked_at ${bigint},
      totp_secret ${bytes},
      totp_last_step ${bigint} NOT NULL DEFAULT 0,
      pan_digest ${bytes},
      profile TEXT NOT NULL,
      funds TEXT NOT NULL,
      token_epoch INTEGER NOT NULL DEFAULT 0,
      extended_epoch INTEGER NOT NULL DEFAULT 0,
      created_at ${bigint} NOT NULL,
      UNIQUE (dialect, user_id),
      UNIQUE (dialect, login_name)
    )`,
    `CREATE TABLE attempts (
      attempt_key TEXT PRIMARY KEY,
      cookie_digest ${bytes} NOT NULL,
      form_nonce TEXT NOT NULL,
      dialect TEXT NOT NULL,
      step TEXT NOT NULL,
      request TEXT NOT NULL,
      login_name TEXT,
      account_id TEXT,
      otp_digest ${bytes},
      otp_expires_at ${bigint},
      otp_tries INTEGER NOT NULL DEFAULT 0,
      pin_tries INTEGER NOT NULL DEFAULT 0,
      notice TEXT,
      created_at ${bigint} NOT NULL,
      expires_at ${bigint} NOT NULL
    ) ${clustered}`,
    `CREATE TABLE codes (
      code_key TEXT PRIMARY KEY,
      digest ${bytes} NOT NULL,
      client_id TEXT NOT NULL,
      account_id TEXT NOT NULL,
      redirect_uri TEXT NOT NULL,
      code_challenge TEXT,
      attempt_key TEXT NOT NULL,
      client_epoch INTEGER NOT NULL,
      account_epoch INTEGER NOT NULL,
      issued_at ${bigint} NOT NULL,
      expires_at ${bigint} NOT NULL,
      spent_at ${bigint},
      token_key TEXT
    ) ${clustered}`,
    `CREATE TABLE tokens (
      token_key TEXT PRIMARY KEY,
      digest ${bytes} NOT NULL,
      kind TEXT NOT NULL,
      client_id TEXT NOT NULL,
      account_id TEXT NOT NULL,
      client_epoch INTEGER NOT NULL,
      account_epoch INTEGER NOT NULL,
      issued_at ${bigint} NOT NULL,
      expires_at ${bigint} NOT NULL,
      revoked_at ${bigint}
    ) ${clustered}`,
    // The one extended token of app and account, and the newest access token where only the newest counts.
    `CREATE TABLE held_tokens (
      client_id TEXT NOT NULL,
      account_id TEXT NOT NULL,
      kind TEXT NOT NULL,
      token_key TEXT NOT NULL,
      PRIMARY KEY (client_id, account_id, kind)
    ) ${clustered}`,
    `CREATE TABLE token_requests (
      request_key TEXT PRIMARY KEY,
      link_digest ${bytes} NOT NULL,
      form_nonce TEXT NOT NULL,
      client_id TEXT NOT NULL,
      account_id TEXT NOT NULL,
      state TEXT NOT NULL,
      match_number TEXT,
      notice TEXT,
      created_at ${bigint} NOT NULL,
      expires_at ${bigint} NOT NULL,
      decided_at ${bigint}
    )`,
    // One pending request per app and user (S-52).
    `CREATE UNIQUE INDEX token_requests_pending ON token_requests (client_id, account_id) WHERE state = 'pending'`,
    `CREATE INDEX token_requests_account ON token_requests (account_id, created_at)`,
    `CREATE TABLE outbox (
      delivery_key TEXT PRIMARY KEY,
      client_id TEXT NOT NULL,
      url TEXT NOT NULL,
      body ${bytes},
      state TEXT NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0,
      created_at ${bigint} NOT NULL,
      next_at ${bigint} NOT NULL,
      expires_at ${bigint} NOT NULL,
      settled_at ${bigint}
    )`,
    `CREATE INDEX outbox_due ON outbox (next_at) WHERE state = 'waiting'`,
    `CREATE TABLE static_ips (
      account_id TEXT PRIMARY KEY,
      primary_ip TEXT NOT NULL,
      secondary_ip TEXT,
      primary_updated_at ${bigint} NOT NULL,
      secondary_updated_at ${bigint},
      changed_week INTEGER NOT NULL,
      version INTEGER NOT NULL
    )`,
    `CREATE TABLE throttles (
      throttle_key TEXT PRIMARY KEY,
      count INTEGER NOT NULL,
      window_start ${bigint} NOT NULL,
      blocked_until ${bigint} NOT NULL,
      expires_at ${bigint} NOT NULL
    )`,
    `CREATE INDEX throttles_expiry ON throttles (expires_at)`,
    `CREATE TABLE browser_sessions (
      session_key TEXT PRIMARY KEY,
      digest ${bytes} NOT NULL,
      form_nonce TEXT NOT NULL,
      account_id TEXT NOT NULL,
      totp_offer ${bytes},
      notice TEXT,
      created_at ${bigint} NOT NULL,
      expires_at ${bigint} NOT NULL
    ) ${clustered}`,
    `CREATE TABLE demo_messages (
      seq ${serial},
      message_key TEXT NOT NULL,
      sealed ${bytes} NOT NULL
    )`,
    `CREATE TABLE audit (
      seq ${serial},
      at ${bigint} NOT NULL,
      event TEXT NOT NULL,
      client_id TEXT,
      account_id TEXT,
      detail TEXT NOT NULL,
      hash ${bytes} NOT NULL
    )`,
  ],
};
