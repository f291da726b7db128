import { defineConfig } from "vitest/config";
import { testsOnPostgres } from "./test/_postgres/tests-on-postgres.ts";

export default defineConfig({
  // The packages export their TypeScript sources under this condition, so tests need no build.
  resolve: { conditions: ["kunji-source"] },
  ssr: { resolve: { conditions: ["kunji-source"] } },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globalSetup: ["test/_postgres/global-setup.ts"],
    // `vitest run --project main <path>` runs a test once, on SQLite where it needs a store.
    projects: [
      {
        extends: true,
        test: { name: "main", include: ["packages/*/test/**/*.test.{ts,tsx}", "test/**/*.test.ts"] },
      },
      {
        extends: true,
        test: {
          name: "postgres",
          ...testsOnPostgres,
          setupFiles: ["test/_postgres/postgres-instead-of-sqlite.ts"],
          provide: { storeEngine: "postgres" },
          // A round trip per statement, on a machine that runs the database as well.
          testTimeout: 90_000,
        },
      },
    ],
  },
});
