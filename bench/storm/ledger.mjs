// What the customers' side was told, and what must therefore be true of the broker.

/** The ledger counts and remembers; `check()` asks the broker. */
export function openLedger() {
  const codes = new Set();
  /** The token of each customer that must work at the end, by user id. */
  const tokens = new Map();
  /** Tokens of codes that were tried twice: those must be dead (S-14). */
  const dead = [];
  const faults = [];
  const counts = { logins: 0, exchanges: 0, replays: 0, refusedReplays: 0, unanswered: 0, retriedLogins: 0 };
  const fault = (text) => {
    if (faults.length < 20) faults.push(text);
  };
  return {
    counts,
    faults,
    gotCode(code) {
      counts.logins++;
      if (codes.has(code)) fault("one code was handed out twice");
      codes.add(code);
    },
    gotToken(person, token) {
      counts.exchanges++;
      tokens.set(person.userId, token);
    },
    /** A code was tried again after it had worked. */
    replayed(person, token, { status }) {
      counts.replays++;
      if (status === 200) fault("a code worked twice");
      else counts.refusedReplays++;
      dead.push([person, token]);
      tokens.delete(person.userId);
    },
    fault,
    /**
     * @param accepts `(person, token)` asks the broker
     * @param everybody all who must have a token
     * @returns `{ live, lost, missing, revived }`: counts
     */
    async check(everybody, accepts) {
      const seen = new Set(tokens.values());
      if (seen.size !== tokens.size) fault("one token was handed out twice");
      const found = { live: 0, lost: 0, missing: 0, revived: 0 };
      await inParallel(everybody, async (person) => {
        const token = tokens.get(person.userId);
        if (token === undefined) found.missing++;
        else if (await accepts(person, token)) found.live++;
        else found.lost++;
      });
      await inParallel(dead, async ([person, token]) => {
        if (await accepts(person, token)) found.revived++;
      });
      return found;
    },
  };
}

const AT_ONCE = 32;

async function inParallel(items, work) {
  const left = [...items];
  const worker = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
