import { type Logger, pino } from "pino";
import { LogStream } from "./log-stream.ts";

/**
 * The log of a broker that runs on its own: one JSON line each on stderr. What may stand in a line is decided where it
 * is written (S-96).
 * @param level a value of `KUNJI_LOG_LEVEL`
 */
export function createLog(level: string): Logger {
  const stderr = new LogStream({
    fd: 2,
    onLost: (lines) => log.warn({ lines }, "lines of the log were lost: nobody took them"),
  });
  const log = pino(
    { level, base: { pid: process.pid }, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    stderr,
  );
  process.once("exit", () => stderr.flushSync());
  return log;
}
