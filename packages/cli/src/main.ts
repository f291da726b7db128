#!/usr/bin/env node
import { runCommandLine } from "./program.ts";

// Whoever reads may have seen enough (`kunji demo | head`): what else there is to do is still done, and cleaned up.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

const code = await runCommandLine(process.argv.slice(2));
// A worker of `serve` has said so already.
process.exitCode ||= code;
