/**
 * Who may look at the dashboard: the browser that opened a one-time link. Its session is a cookie of this start; what
 * it can do is look and press buttons, no token is ever on a page.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { ServiceClock } from "../service-clock.ts";

const LINK_LIFETIME_MS = 10 * 60_000;
const IDLE_LIFETIME_MS = 12 * 3_600_000;
const MOST_LINKS = 16;
const MOST_SESSIONS = 16;

export interface DashboardSession {
  /** Goes with every form (S-36). */
  readonly csrf: string;
  lastUsed: number;
}

export class DashboardAccess {
  readonly #clock: ServiceClock;
  /** Digests, so that comparing does not tell how much of a guess was right. */
  readonly #links = new Map<string, number>();
  readonly #sessions = new Map<string, DashboardSession>();

  constructor(clock: ServiceClock) {
    this.#clock = clock;
  }

  /** @returns the last part of a link that works once, within ten minutes */
  createLink(): { readonly ticket: string; readonly endsAt: number } {
    const ticket = randomText();
    const endsAt = this.#clock.now() + LINK_LIFETIME_MS;
    this.#links.set(digest(ticket), endsAt);
    dropOldest(this.#links, MOST_LINKS);
    return { ticket, endsAt };
  }

  /** Spends a link. @returns the cookie's value, or undefined when the link was used, is old or was never made */
  redeem(ticket: string): string | undefined {
    const endsAt = this.#links.get(digest(ticket));
    this.#links.delete(digest(ticket));
    if (endsAt === undefined || endsAt <= this.#clock.now()) return undefined;
    const cookie = randomText();
    this.#sessions.set(digest(cookie), { csrf: randomText(), lastUsed: this.#clock.now() });
    dropOldest(this.#sessions, MOST_SESSIONS);
    return cookie;
  }

  find(cookie: string | undefined): DashboardSession | undefined {
    const session = cookie === undefined ? undefined : this.#sessions.get(digest(cookie));
    if (!session) return undefined;
    const now = this.#clock.now();
    if (now - session.lastUsed > IDLE_LIFETIME_MS) return undefined;
    session.lastUsed = now;
    return session;
  }

  forget(cookie: string | undefined): void {
    if (cookie !== undefined) this.#sessions.delete(digest(cookie));
  }
}

/** @param given as a form sent it */
export function fitsCsrf({ csrf }: DashboardSession, given: string | undefined): boolean {
  const [a, b] = [Buffer.from(digest(csrf)), Buffer.from(digest(given ?? ""))];
  return timingSafeEqual(a, b);
}

/** The newest are kept. */
function dropOldest(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}

function randomText(): string {
  return randomBytes(32).toString("base64url");
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
