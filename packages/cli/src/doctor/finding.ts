/** What one look found. Texts hold no secret, no address of a person and no user id: people paste them in public. */
export interface Finding {
  /** Stable, for programs: `clock`, `redirect-uri`. */
  readonly check: string;
  /** `bad` makes a login fail; `warn` may; `skipped` could not be looked at. */
  readonly state: "ok" | "warn" | "bad" | "skipped";
  readonly text: string;
  /** What to do about it. */
  readonly nextStep?: string | undefined;
}

export function ok(check: string, text: string): Finding {
  return { check, state: "ok", text };
}

export function warn(check: string, text: string, nextStep?: string): Finding {
  return { check, state: "warn", text, nextStep };
}

export function bad(check: string, text: string, nextStep?: string): Finding {
  return { check, state: "bad", text, nextStep };
}

export function skipped(check: string, text: string): Finding {
  return { check, state: "skipped", text };
}
