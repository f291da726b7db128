// Goals of design.md section 9 and what came out.

/** A goal that wants at least so much. @param print makes text of a number */
export const atLeast = (what, measured, limit, print) => goal(what, measured, limit, print, ">=", measured >= limit);

/** A goal that wants at most so much. */
export const atMost = (what, measured, limit, print) => goal(what, measured, limit, print, "<=", measured <= limit);

/** The columns a row of a table says its goal with. */
export const goalColumns = ({ goal: text, met }) => ({ goal: text, met: met ? "yes" : "NO" });

function goal(what, measured, limit, print, sign, met) {
  return { what, goal: `${sign} ${print(limit)}`, measured: print(measured), value: measured, met };
}
