import { Secret, type Session } from "@kunji/keeper";
import { expect, it } from "vitest";
import { sessionFacts } from "../../src/keeper/session-facts.ts";

const END = Date.parse("2026-11-26T03:30:00+05:30") / 1000;
const session: Session = {
  broker: "upstox",
  account: "default",
  accessToken: new Secret("a-token-of-this-session"),
  clientId: "key",
  userId: "AB1234",
  userName: undefined,
  issuedAt: END - 3600,
  expiresAt: END,
  obtainedBy: "browser",
  provenAt: END - 3600,
  clockOffset: 10,
};

it("counts the seconds that a token is handed out, by the broker's clock, as kunji status does (S-74)", () => {
  expect(sessionFacts(session, (END - 600) * 1000)).toMatchObject({ expiresAt: END, secondsLeft: 600 - 60 - 10 });
  expect(sessionFacts(session, (END - 30) * 1000).secondsLeft).toBe(0);
});
