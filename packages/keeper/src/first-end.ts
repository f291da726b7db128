/**
 * One signal out of several that can be let go again. `AbortSignal.any` cannot: Node 20 leaves a trace on each of its
 * sources until that source ends (nodejs/node#55351), so a service that makes one per request out of a signal that
 * ends with the process would grow for ever.
 */
import { setMaxListeners } from "node:events";

export interface FirstEnd {
  /** Ends with the first of the sources, for its reason. */
  readonly signal: AbortSignal;
  /** From now on it follows none of them. */
  readonly release: () => void;
}

export function firstEnd(...sources: readonly AbortSignal[]): FirstEnd {
  const end = new AbortController();
  const stops: (() => void)[] = [];
  const release = () => {
    for (const stop of stops.splice(0)) stop();
  };
  for (const source of sources) {
    const follow = () => {
      release();
      end.abort(source.reason);
    };
    if (source.aborted) {
      follow();
      break;
    }
    // Any number may wait at once, and each lets go: no leak to be warned of.
    setMaxListeners(0, source);
    source.addEventListener("abort", follow, { once: true });
    stops.push(() => source.removeEventListener("abort", follow));
  }
  return { signal: end.signal, release };
}

/** Runs work with such a signal, which follows its sources until the work settles. */
export async function withFirstEnd<T>(
  sources: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal, release } = firstEnd(...sources);
  try {
    return await work(signal);
  } finally {
    release();
  }
}
