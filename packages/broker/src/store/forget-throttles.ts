import { execute, type Verb } from "./verb.ts";

/**
 * Forgets all keys that begin so.
 * @param start ends with a colon, which no part of a key holds but the last
 */
export function* forgetThrottles(start: string): Verb<void> {
  // Keys sort by their bytes on both engines, so that an index finds them; a semicolon follows the colon.
  const end = `${start.slice(0, -1)};`;
  yield* execute("DELETE FROM throttles WHERE throttle_key >= ? AND throttle_key < ?", start, end);
}
