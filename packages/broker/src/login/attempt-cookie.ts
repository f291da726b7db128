import type { BrokerContext } from "../broker-context.ts";

/** Logins one browser may have open at a time, in as many tabs; the oldest cookie goes when there are more. */
const MOST_OPEN = 4;

const NAME = "login-";

/**
 * Each attempt has a cookie of its own, so that two tabs can log in two accounts side by side. The name holds the
 * attempt's key, which is public; the value is the secret (S-35).
 */
export function attemptCookies(context: BrokerContext, header: string | undefined) {
  const all = context.cookies.read(header);
  const maxAgeSeconds = context.settings.KUNJI_ATTEMPT_LIFETIME;
  return {
    /** The cookie's value for an attempt. */
    valueFor: (attemptKey: string): string | undefined => all[NAME + attemptKey],
    /** Set-Cookie values for a new attempt. */
    start(attemptKey: string, value: string): string[] {
      // Keys sort by time, so the first names are the oldest.
      const open = Object.keys(all)
        .filter((name) => name.startsWith(NAME))
        .sort();
      const surplus = open.slice(0, Math.max(0, open.length - MOST_OPEN + 1));
      return [
        ...surplus.map((name) => context.cookies.clear(name)),
        context.cookies.set(NAME + attemptKey, value, { maxAgeSeconds }),
      ];
    },
    /** Set-Cookie value for the next step of an attempt (S-37). */
    replace: (attemptKey: string, value: string): string =>
      context.cookies.set(NAME + attemptKey, value, { maxAgeSeconds }),
    /** Set-Cookie value that ends it. */
    end: (attemptKey: string): string => context.cookies.clear(NAME + attemptKey),
  };
}
