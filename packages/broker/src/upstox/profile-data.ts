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

/** Without an active segment no token is issued and the profile is refused (UDAPI100058). */
export function hasActiveSegment(profile: UpstoxProfile): boolean {
  return profile.is_active && profile.exchanges.length > 0;
}
