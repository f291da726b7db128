import type { UpstoxClient } from "@kunji/client";

/** Something that happened. */
export interface DemoStep {
  /** Stable, for programs. */
  readonly name: string;
  readonly title: string;
  readonly detail?: string;
}

export interface DemoSession {
  readonly userId: string;
  readonly userName: string;
  /** Whole; every report shortens it. */
  readonly accessToken: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
  readonly secondsLeft: number;
}

export type DemoFunds =
  | { readonly open: true; readonly data: UpstoxClient.UserFundMarginV3Data }
  | {
      /** The service is closed for the night. */
      readonly open: false;
      readonly status: number;
      readonly code: string;
      /** Epoch seconds. */
      readonly reopensAt: number;
    };

/** What a person is asked to do in their browser. */
export interface DemoInvitation {
  readonly dialogUrl: string;
  readonly inboxUrl: string;
  readonly mobileNumber: string;
  readonly pin: string;
}

/** Tells a login as it happens. */
export interface DemoReport {
  /** @param notice something to know beforehand, such as a clock that was set */
  readonly start: (text: string, notice?: string) => void;
  readonly step: (step: DemoStep) => void;
  readonly invite: (invitation: DemoInvitation) => void;
  readonly session: (session: DemoSession) => void;
  readonly profile: (profile: UpstoxClient.ProfileData) => void;
  readonly funds: (funds: DemoFunds) => void;
  /** The last word. @param explore where to look while the broker stays up */
  readonly end: (explore?: DemoExplore) => void;
}

export interface DemoExplore {
  readonly url: string;
  readonly customers: readonly { readonly userName: string; readonly mobileNumber: string; readonly pin: string }[];
}
