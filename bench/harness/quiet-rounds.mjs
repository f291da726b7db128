// Rounds on a machine that others may use as well. Which rounds count is decided by what others did meanwhile, never by
// what came out.
import { familyCpu, machineCpu } from "./process-family.mjs";

/** Others may take this much of the machine before a round is thought disturbed. */
const QUIET = 0.08;
/** So many times the rounds asked for are run at most. */
const PATIENCE = 3;

/**
 * Runs rounds, after one that only warms up, until enough were quiet; where the machine gives none, those count in
 * which others did least.
 * @param runOne `(index)`; index 0 is the warm-up
 * @returns the results of the rounds that count, in their order, each with `others`: the share of the machine's CPU that
 * went to processes that are none of the bench's
 */
export async function quietRounds(rounds, runOne) {
  await runOne(0);
  const runs = [];
  const quiet = () => runs.filter(({ others }) => others <= QUIET).length;
  for (let index = 1; index <= rounds * PATIENCE && quiet() < rounds; index++) {
    const watched = watchOthers();
    const result = await runOne(index);
    runs.push({ index, others: watched(), result });
  }
  const counted = [...runs].sort((a, b) => a.others - b.others).slice(0, rounds);
  return counted.sort((a, b) => a.index - b.index).map(({ others, result }) => ({ ...result, others }));
}

/** @returns a function that says what share of the machine others have taken since */
export function watchOthers() {
  const before = { machine: machineCpu(), own: familyCpu(process.pid) };
  return () => {
    const { busy, idle } = machineCpu();
    const spent = busy - before.machine.busy;
    const total = spent + idle - before.machine.idle;
    const own = familyCpu(process.pid) - before.own;
    return total === 0 ? 0 : Math.max(0, (spent - own) / total);
  };
}
