import { destination, type Logger, pino } from "pino";

/**
 * The log of a broker that runs on its own: one JSON line each on stderr. What may stand in a line is decided where it
 * is written (S-96).
 * @param level a value of `KUNJI_LOG_LEVEL`
 */
export function createLog(level: string): Logger {
  // Not synchronous: a request must not wait for whoever reads the log. What is left is written when the process ends.
  // Several processes may share a pipe there. What is written to one in pieces of this size arrives whole (PIPE_BUF), and
  // pino puts only whole lines into a piece.
  const stderr = destination({ fd: 2, sync: false, maxWrite: 4096 });
  process.once("exit", () => stderr.flushSync());
  return pino({ level, base: { pid: process.pid }, timestamp: () => `,"time":"${new Date().toISOString()}"` }, stderr);
}
