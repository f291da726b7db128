/** Who a broker is, and what its tokens are. */
export interface DialectIdentity {
  /** Name of the folder, and of the dialect in the database. */
  readonly name: string;
  /**
   * Path of its OAuth issuer: each broker is an authorization server of its own, so that an app notices when the answer
   * of one reaches the login of another (S-09). Empty for the one at the root.
   */
  readonly issuerPath: string;
  /** What people call the broker. */
  readonly brokerName: string;
  /** What its people know by heart: six digits, or a password. */
  readonly secret: "PIN" | "password";
  /** The field of a form that it is typed into (design.md section 5). */
  readonly secretField: "pin" | "password";
  /** Short phrases for consent and approval pages (S-58). */
  readonly permissions: readonly string[];
  /** How long access lasts, as a phrase. @param now epoch ms */
  readonly accessEnds: (now: number) => string;
}
