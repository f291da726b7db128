import { execute, selectOne, under, type Verb } from "./verb.ts";

const NAME = "clock mark";

/**
 * Raises the latest time that any process on this database has seen (S-114); it never falls.
 * @param now epoch milliseconds
 * @returns the mark that holds now
 */
export function* raiseClockMark(now: number): Verb<number> {
  const stored = yield* selectOne<{ value: string }>(under(NAME, "SELECT value FROM facts WHERE name = ?"), NAME);
  if (stored && Number(stored.value) >= now) return Number(stored.value);
  yield* execute(
    "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    NAME,
    String(now),
  );
  return now;
}

/** Forgets the mark: only where nothing is left that an earlier time could revive. */
export function* forgetClockMark(): Verb<void> {
  yield* execute("DELETE FROM facts WHERE name = ?", NAME);
}
