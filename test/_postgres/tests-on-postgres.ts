/**
 * Which tests run a second time on Postgres: those that go through the broker's store. What they share with the first
 * run - pages, parsers, the algorithms of one process - would only say the same twice.
 */
export const testsOnPostgres = {
  include: [
    "packages/broker/test/*.test.ts",
    "packages/broker/test/{admin,approvals,console,control,demo,grants,login,messages,oauth,store,tradejini,upstox,webhooks}/**/*.test.ts",
    "test/e2e/{first-login,kunji-client,login-navigation,login-pages,oauth4webapi,tradejini-client,tradejini-pages,upstox-js-sdk}.test.ts",
  ],
  exclude: [
    // SQLite's own: its pragmas, files, copies and full disks.
    "packages/broker/test/admin/backup.test.ts",
    "packages/broker/test/store/{disk-full,new-epoch,open-database,secrets-at-rest,sqlite-*}.test.ts",
    // Edits of rows in SQLite's words; store/postgres/audit-chain.test.ts has Postgres' own.
    "packages/broker/test/store/audit*.test.ts",
    // A month of guesses in one transaction: arithmetic, and Postgres cleans up behind transactions only.
    "packages/broker/test/login/throttle.test.ts",
    // Started by these with a Postgres of their own, whichever project runs them.
    "packages/broker/test/store/postgres/**",
    "packages/broker/test/replicas/**",
  ],
};
