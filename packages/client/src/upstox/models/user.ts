/**
 * Models of the account operations: profile and static IPs.
 */
import { Model } from "../../model.ts";
import { ProfileData, statusEnum } from "./login.ts";

export class GetProfileResponse extends Model {
  static readonly StatusEnum = statusEnum;
  static override readonly nested = { data: ProfileData };

  declare status: string;
  declare data: ProfileData;
}

/** Accounts of one family may share an address. */
export class UserIpFamilyMember extends Model {
  declare userId: string;
  declare name: string;
}

export class UserIpResponseData extends Model {
  static override readonly nested = {
    primaryIpFamilyMembers: { listOf: UserIpFamilyMember },
    secondaryIpFamilyMembers: { listOf: UserIpFamilyMember },
  };

  declare userId?: string;
  declare primaryIp: string | null;
  declare secondaryIp: string | null;
  /** `YYYY-MM-DD HH:MM:SS` in samples, ISO 8601 in the vendor's OpenAPI. */
  declare primaryIpUpdatedAt: string | null;
  declare secondaryIpUpdatedAt: string | null;
  /** After an update: every access token of the account is dead. */
  declare accessTokensInvalidated?: boolean;
  declare primaryIpFamilyMembers?: UserIpFamilyMember[];
  declare secondaryIpFamilyMembers?: UserIpFamilyMember[];
}

export class UserIpResponse extends Model {
  static readonly StatusEnum = statusEnum;
  static override readonly nested = { data: UserIpResponseData };

  declare status: string;
  declare data: UserIpResponseData;
}

/** Body of `updateUserIp`; either spelling will do. */
export type UpdateUserIpRequestInit =
  | { readonly primaryIp: string; readonly secondaryIp?: string | null | undefined }
  | { readonly primary_ip: string; readonly secondary_ip?: string | null | undefined }
  | UpdateUserIpRequest;

export class UpdateUserIpRequest extends Model {
  /** IPv4 or IPv6. */
  declare primaryIp: string;
  declare secondaryIp?: string | null;
}
