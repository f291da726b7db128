import { defineConfig } from "vitest/config";

export default defineConfig({
  // The packages export their TypeScript sources under this condition, so tests need no build.
  resolve: { conditions: ["kunji-source"] },
  ssr: { resolve: { conditions: ["kunji-source"] } },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    include: ["packages/*/test/**/*.test.{ts,tsx}", "test/**/*.test.ts"],
    globalSetup: ["test/_postgres/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
