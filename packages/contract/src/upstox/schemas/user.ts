/**
 * Bodies of the Upstox account operations: profile and static IPs. Source: protocol/upstox.md 6, 8.
 */
import type { Schema } from "../../route.ts";
import { type UpstoxProfileData, upstoxProfileDataSchema } from "./login.ts";

export const upstoxProfileResponseSchema = {
  type: "object",
  title: "GetProfileResponse",
  properties: {
    status: { type: "string", examples: ["success", "error", "partial_success"] },
    data: upstoxProfileDataSchema,
  },
  required: ["status", "data"],
  additionalProperties: true,
} as const satisfies Schema;

export interface UpstoxProfileResponse {
  status: string;
  data: UpstoxProfileData;
}

/** Vendor's OpenAPI only: accounts of one family may share an address. */
const familyMembers = {
  type: "array",
  items: {
    type: "object",
    properties: { user_id: { type: "string" }, name: { type: "string" } },
    required: ["user_id", "name"],
    additionalProperties: true,
  },
} as const satisfies Schema;

/** Samples show `YYYY-MM-DD HH:MM:SS`, the vendor's OpenAPI says ISO 8601: treat as text. */
const updatedAt = { type: ["string", "null"], examples: ["2026-11-24 20:00:00"] } as const satisfies Schema;

export const upstoxUserIpResponseSchema = {
  type: "object",
  title: "UserIpResponse",
  properties: {
    status: { type: "string", examples: ["success", "error", "partial_success"] },
    data: {
      type: "object",
      title: "UserIpResponseData",
      properties: {
        user_id: { type: "string", description: "In some samples only" },
        primary_ip: { type: ["string", "null"] },
        secondary_ip: { type: ["string", "null"] },
        primary_ip_updated_at: updatedAt,
        secondary_ip_updated_at: updatedAt,
        access_tokens_invalidated: { type: "boolean", description: "After an update only" },
        primary_ip_family_members: familyMembers,
        secondary_ip_family_members: familyMembers,
      },
      required: ["primary_ip", "secondary_ip", "primary_ip_updated_at", "secondary_ip_updated_at"],
      additionalProperties: true,
    },
  },
  required: ["status", "data"],
  additionalProperties: true,
} as const satisfies Schema;

export interface UpstoxIpFamilyMember {
  user_id: string;
  name: string;
}

export interface UpstoxUserIpData {
  user_id?: string;
  primary_ip: string | null;
  secondary_ip: string | null;
  primary_ip_updated_at: string | null;
  secondary_ip_updated_at: string | null;
  access_tokens_invalidated?: boolean;
  primary_ip_family_members?: UpstoxIpFamilyMember[];
  secondary_ip_family_members?: UpstoxIpFamilyMember[];
}

export interface UpstoxUserIpResponse {
  status: string;
  data: UpstoxUserIpData;
}

/** The official JS SDK posts these in camelCase by mistake; the wire is snake_case. */
export const upstoxUpdateUserIpRequestSchema = {
  type: "object",
  title: "UpdateUserIpRequest",
  properties: {
    primary_ip: { type: "string", minLength: 1, description: "IPv4 or IPv6" },
    secondary_ip: { type: ["string", "null"], description: "IPv4 or IPv6, different from the primary" },
  },
  required: ["primary_ip"],
} as const satisfies Schema;

export interface UpstoxUpdateUserIpRequest {
  primary_ip: string;
  secondary_ip?: string | null;
}
