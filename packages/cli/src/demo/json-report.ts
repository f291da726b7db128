import type { UpstoxClient } from "@kunji/client";
import { istIso } from "../terminal/ist-time.ts";
import { shortenToken } from "../terminal/shorten-token.ts";
import type { DemoFunds, DemoReport, DemoSession, DemoStep } from "./demo-report.ts";

/** `kunji demo --json`: everything in one object, on one line, when the login is done. The token is shortened. */
export function createJsonReport(broker: string, write: (text: string) => void): DemoReport {
  const steps: DemoStep[] = [];
  const result: Record<string, unknown> = { broker, steps };
  return {
    start(_text, notice) {
      if (notice) result.notice = notice;
    },
    invite: () => {},
    step: (step) => steps.push(step),
    session(session) {
      result.session = sessionObject(session);
    },
    profile(profile: UpstoxClient.ProfileData) {
      result.profile = profile;
    },
    funds(funds) {
      result.funds = fundsObject(funds);
    },
    end(explore) {
      if (explore) result.url = explore.url;
      write(`${JSON.stringify(result)}\n`);
    },
  };
}

function sessionObject({ userId, userName, accessToken, expiresAt, secondsLeft }: DemoSession) {
  return { userId, userName, accessToken: shortenToken(accessToken), expiresAt: istIso(expiresAt), secondsLeft };
}

function fundsObject(funds: DemoFunds) {
  return funds.open ? funds.data : { closed: funds.status, code: funds.code, reopensAt: istIso(funds.reopensAt) };
}
