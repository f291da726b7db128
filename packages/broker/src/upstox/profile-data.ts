/** The profile as the wire has it; this is what the account row keeps. @see protocol/upstox.md 6 */
export interface UpstoxProfile {
  readonly email: string;
  readonly exchanges: readonly string[];
  readonly products: readonly string[];
  readonly broker: string;
  readonly user_id: string;
  readonly user_name: string;
  readonly order_types: readonly string[];
  readonly user_type: string;
  readonly poa: boolean;
  readonly ddpi: boolean;
  readonly is_active: boolean;
}

export function readProfile(text: string): UpstoxProfile {
  return JSON.parse(text) as UpstoxProfile;
}

/**
 * Without an active segment no token is issued and the profile is refused (UDAPI100058). Asked on the two hottest paths,
 * so the stored text is searched instead of parsed, which would take as long as finding the row. JSON.stringify wrote
 * it: a quote inside a value has a backslash before it, so only the two fields themselves can look like this.
 * @param text a profile as the account row keeps it
 */
export function hasActiveSegment(text: string): boolean {
  return text.includes('"is_active":true') && !text.includes('"exchanges":[]');
}
