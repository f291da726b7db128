import type { Block } from "../block.ts";
import { alignFacts } from "../terminal/facts.ts";
import { istIso, istMoment, timeLeft } from "../terminal/ist-time.ts";
import { shortenToken } from "../terminal/shorten-token.ts";

export interface DemoSession {
  readonly userId: string;
  readonly userName: string;
  /** Whole; the block shortens it. */
  readonly accessToken: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
  readonly secondsLeft: number;
}

/** What a login gave. The token is shortened, for people and for programs. */
export function sessionBlock(session: DemoSession, name = "session", title = "Session"): Block {
  const { userId, userName, expiresAt, secondsLeft } = session;
  const accessToken = shortenToken(session.accessToken);
  return {
    name,
    title,
    data: { userId, userName, accessToken, expiresAt: istIso(expiresAt), secondsLeft },
    text: (style) =>
      alignFacts(
        [
          ["User", `${userId}, ${userName}`],
          ["Access token", accessToken],
          ["Valid until", `${istMoment(expiresAt)}, ${style.yellow(`${timeLeft(secondsLeft)} left`)}`],
        ],
        style,
        4,
      ),
  };
}
