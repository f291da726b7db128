#!/usr/bin/env node
// Stands in the repository so that npm can link the command before anything is built.
import("../dist/main.js").catch((error) => {
  if (error?.code !== "ERR_MODULE_NOT_FOUND" || !error.message.includes("dist/main.js")) throw error;
  process.stderr.write("kunji: not built yet. Run `npm run build` first.\n");
  process.exitCode = 1;
});
