import type { BrokerContext } from "../broker-context.ts";
import type { DialectIdentity } from "../dialect-identity.ts";
import type { FormFields } from "../http/form-fields.ts";
import type { Client } from "../store/clients.ts";
import type { Attempt } from "./attempt.ts";

/** What a dialect brings to the login pages: its steps, and the pages that show them. The rest is login-pages.ts. */
export interface LoginFlow {
  readonly identity: DialectIdentity;
  /** Where the pages live, such as `/login/upstox`. */
  readonly path: string;
  readonly takeStep: (posted: PostedForm) => Promise<StepOutcome>;
  /** The page for where the attempt stands. */
  readonly page: (context: BrokerContext, shown: ShownAttempt) => string | Promise<string>;
}

/** What a person sent to the step the attempt stands at. */
export interface PostedForm {
  readonly context: BrokerContext;
  readonly attempt: Attempt;
  readonly form: FormFields;
  /** Network source, as throttles count it (S-51). */
  readonly source: string;
  readonly now: number;
}

export interface ShownAttempt {
  readonly attempt: Attempt;
  /** The app that asks; undefined at the account console. */
  readonly client: Client | undefined;
  /** Path the forms post to. */
  readonly address: string;
  readonly now: number;
}

export type StepOutcome =
  /** The page the attempt now stands at is shown. */
  | { readonly outcome: "stay" }
  /** Something was proven: the browser gets a new cookie (S-37). */
  | { readonly outcome: "proven"; readonly cookie: string }
  | {
      readonly outcome: "to-app";
      readonly redirectUri: string;
      readonly parameters: Readonly<Record<string, string | undefined>>;
    }
  | { readonly outcome: "signed-in"; readonly sessionCookie: string }
  | { readonly outcome: "too-many"; readonly retryAt: number };

export const STAY: StepOutcome = { outcome: "stay" };
