import type { TradejiniUserDetails } from "@kunji/contract/tradejini";

/** What the broker knows of a person; the account row keeps it. The wire has it with the mobile number masked. */
export interface TradejiniProfile extends Required<TradejiniUserDetails> {
  /** All ten digits: the SMS goes there. */
  readonly mobile: string;
}

export function readProfile(text: string): TradejiniProfile {
  return JSON.parse(text) as TradejiniProfile;
}

/** `d` of the details call. @see protocol/tradejini.md 7 */
export function userDetails(profile: TradejiniProfile): TradejiniUserDetails {
  return { ...profile, mobile: maskMobile(profile.mobile) };
}

/** As the vendor's sample masks it: the first two digits and the last two. */
export function maskMobile(mobile: string): string {
  return `${mobile.slice(0, 2)}${"X".repeat(Math.max(0, mobile.length - 4))}${mobile.slice(-2)}`;
}
