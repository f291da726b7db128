/**
 * What the pages need to know. A view model is plain data with ready text: dates are already formatted, permissions are
 * already sentences. The pages escape and arrange it, and decide nothing else.
 */

/** A line above the form: what went wrong, or what just happened. */
export interface Notice {
  readonly kind: "error" | "info";
  /** One or two short sentences; an error says what to do next. */
  readonly text: string;
  /** Name of the field an error is about, on pages with several. Default: the page's first field. */
  readonly field?: string | undefined;
}

/** What every page needs. */
export interface PageView {
  /** The broker whose account this is about, such as "Upstox". */
  readonly brokerName: string;
  /** URL path of `pages.css`, same origin (the policy allows no other, S-53). */
  readonly assetHref: string;
  /** URL path of `icon.svg`, same origin. */
  readonly iconHref?: string | undefined;
  /** URL path of the script that ignores double clicks, same origin; see submit-once.ts. */
  readonly scriptHref?: string | undefined;
  /** Demo mode: shows a banner that says so, with a link to the message inbox. */
  readonly demo?: { readonly inboxHref: string } | undefined;
}

/** A page with forms. */
export interface FormView extends PageView {
  /** Goes into every form of the page (S-36). */
  readonly csrf: string;
  /** Where the forms post to. */
  readonly action: string;
  readonly notice?: Notice | undefined;
}

/** A step of a flow that a person can leave. */
export interface FlowView extends FormView {
  /** The registered app's name, untrusted (S-56). Absent: the person signs in to the account console. */
  readonly clientName?: string | undefined;
  /** Host of the app's redirect URI, such as "127.0.0.1:7475". Absent with `clientName`. */
  readonly redirectHost?: string | undefined;
  /** Where "Cancel" posts `decision=deny`. */
  readonly cancelAction: string;
}

/** A step at which a person allows an app something. */
export interface ConsentView extends FlowView {
  /** What the app may do, a short phrase each, such as "See your profile" (S-58). */
  readonly permissions: readonly string[];
  /** When the access ends, such as "until 03:30 IST tomorrow, Sat 21 Nov" (S-58). */
  readonly endsAt: string;
}
