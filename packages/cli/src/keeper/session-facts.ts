import { type Session, secondsLeft } from "@kunji/keeper";
import { istIso } from "../terminal/ist-time.ts";

/** A session for programs, without its token. Times are epoch seconds by the broker's clock, and the same in IST. */
export interface SessionFacts {
  readonly broker: string;
  readonly account: string;
  readonly userId: string;
  readonly userName: string | undefined;
  readonly expiresAt: number;
  readonly expiresAtIst: string;
  /** Until 60 s before its end, as in `kunji status` (S-74). */
  readonly secondsLeft: number;
  readonly obtainedBy: string;
}

/** @param now epoch milliseconds by this machine's clock */
export function sessionFacts(session: Session, now: number): SessionFacts {
  const { broker, account, userId, userName, expiresAt, obtainedBy } = session;
  return {
    broker,
    account,
    userId,
    userName,
    expiresAt,
    expiresAtIst: istIso(expiresAt),
    secondsLeft: secondsLeft(session, now / 1000 + session.clockOffset),
    obtainedBy,
  };
}
