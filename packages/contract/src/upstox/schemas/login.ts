/**
 * Bodies of the Upstox login operations, as JSON Schema and as TypeScript. Response objects stay open: live bodies
 * carry fields the vendor's documents lack, and enumerations grow. Source: protocol/upstox.md 3, 4, 5.
 */
import type { Schema } from "../../route.ts";

/** Form of `POST /v2/login/authorization/token`. */
export const upstoxTokenRequestSchema = {
  type: "object",
  title: "TokenRequest",
  properties: {
    code: {
      type: "string",
      minLength: 1,
      description: "From the callback; spent by the first attempt, even a failed one",
    },
    client_id: { type: "string", minLength: 1, description: "API key of the app" },
    client_secret: { type: "string", minLength: 1, description: "API secret of the app" },
    redirect_uri: { type: "string", minLength: 1, description: "The registered redirect URI, as in the dialog" },
    grant_type: {
      type: "string",
      minLength: 1,
      description: "Always authorization_code",
      examples: ["authorization_code"],
    },
    // The vendor takes the strings `true` and `false`: it is a form.
    refresh_extended_token: {
      type: "string",
      enum: ["true", "false"],
      description: "true makes a new one-year extended token; false or absent returns the one there is",
    },
    // Not the vendor's: PKCE, checked when the dialog carried a challenge (S-19).
    code_verifier: { type: "string", minLength: 43, maxLength: 128, pattern: "^[A-Za-z0-9._~-]+$" },
  },
  required: ["code", "client_id", "client_secret", "redirect_uri", "grant_type"],
} as const satisfies Schema;

export interface UpstoxTokenRequest {
  code: string;
  client_id: string;
  client_secret: string;
  redirect_uri: string;
  grant_type: string;
  refresh_extended_token?: "true" | "false";
  code_verifier?: string;
}

/** Fields the profile and the token response share. */
const customerProperties = {
  email: { type: "string" },
  exchanges: {
    type: "array",
    items: { type: "string", examples: ["NSE", "NFO", "CDS", "BSE", "BFO", "BCD", "MCX", "NSCOM"] },
  },
  products: { type: "array", items: { type: "string", examples: ["D", "CO", "I", "MTF", "OCO"] } },
  broker: { type: "string", examples: ["UPSTOX"] },
  user_id: { type: "string", description: "Unique client code (UCC) of the account" },
  user_name: { type: "string" },
  order_types: { type: "array", items: { type: "string", examples: ["MARKET", "LIMIT", "SL", "SL-M"] } },
  user_type: { type: "string", examples: ["individual"] },
  poa: { type: "boolean", description: "Power of attorney given" },
  ddpi: { type: "boolean", description: "Demat debit and pledge instruction given; older bodies and the SDKs lack it" },
  is_active: { type: "boolean" },
} as const;

const customerRequired = [
  "email",
  "exchanges",
  "products",
  "broker",
  "user_id",
  "user_name",
  "order_types",
  "user_type",
  "poa",
  "is_active",
] as const;

/** What `data` of the profile holds, and the first part of the token response. */
export const upstoxProfileDataSchema = {
  type: "object",
  title: "ProfileData",
  properties: customerProperties,
  required: customerRequired,
  additionalProperties: true,
} as const satisfies Schema;

export interface UpstoxProfileData {
  email: string;
  exchanges: string[];
  products: string[];
  broker: string;
  user_id: string;
  user_name: string;
  order_types: string[];
  user_type: string;
  poa: boolean;
  ddpi?: boolean;
  is_active: boolean;
}

/** The only success body without the `status`/`data` envelope. */
export const upstoxTokenResponseSchema = {
  type: "object",
  title: "TokenResponse",
  properties: {
    ...customerProperties,
    access_token: { type: "string", description: "Dies at the next 03:30 IST" },
    extended_token: { type: ["string", "null"], description: "One year, read-only" },
    // The four below stand in the vendor's OpenAPI only; its documentation pages lack them.
    token_type: { type: "string", examples: ["Bearer"] },
    expires_in: { type: "integer", description: "Seconds" },
    refresh_token: { type: ["string", "null"], description: "Declared, never documented: there is no refresh grant" },
    refresh_token_expires_in: { type: ["integer", "null"], description: "Seconds" },
  },
  required: [...customerRequired, "access_token"],
  additionalProperties: true,
} as const satisfies Schema;

export interface UpstoxTokenResponse extends UpstoxProfileData {
  access_token: string;
  extended_token?: string | null;
  token_type?: string;
  expires_in?: number;
  refresh_token?: string | null;
  refresh_token_expires_in?: number | null;
}

export const upstoxLogoutResponseSchema = {
  type: "object",
  title: "LogoutResponse",
  properties: {
    status: { type: "string", examples: ["success", "error", "partial_success"] },
    data: { type: "boolean" },
  },
  required: ["status", "data"],
  additionalProperties: true,
} as const satisfies Schema;

export interface UpstoxLogoutResponse {
  status: string;
  data: boolean;
}

/** JSON body of the token request of an individual ("indie") user. */
export const upstoxIndieUserTokenRequestSchema = {
  type: "object",
  title: "IndieUserTokenRequest",
  properties: {
    client_secret: { type: "string", minLength: 1, description: "API secret of the app" },
    // Both below stand in the vendor's OpenAPI only.
    client_id: { type: "string" },
    otp_verification_disabled: { type: "boolean" },
  },
  required: ["client_secret"],
} as const satisfies Schema;

export interface UpstoxIndieUserTokenRequest {
  client_secret: string;
  client_id?: string;
  otp_verification_disabled?: boolean;
}

export const upstoxIndieUserInitTokenResponseSchema = {
  type: "object",
  title: "IndieUserInitTokenResponse",
  properties: {
    status: { type: "string", examples: ["success", "error", "partial_success"] },
    data: {
      type: "object",
      title: "IndieUserInitTokenData",
      properties: {
        authorization_expiry: {
          type: "string",
          description: "Epoch milliseconds as text: when the pending request lapses, the next 03:30 IST",
          examples: ["1795644000000"],
        },
        notifier_url: { type: "string", description: "Where the token will be posted" },
      },
      required: ["authorization_expiry", "notifier_url"],
      additionalProperties: true,
    },
  },
  required: ["status", "data"],
  additionalProperties: true,
} as const satisfies Schema;

export interface UpstoxIndieUserInitTokenResponse {
  status: string;
  data: {
    authorization_expiry: string;
    notifier_url: string;
  };
}

/** What Upstox posts to the app's notifier URL when the account holder approves. It is not signed. */
export const upstoxNotifierMessageSchema = {
  type: "object",
  title: "NotifierMessage",
  properties: {
    client_id: { type: "string", description: "API key of the app" },
    user_id: { type: "string", description: "Account that approved" },
    access_token: { type: "string" },
    token_type: { type: "string", examples: ["Bearer"] },
    expires_at: { type: "string", description: "Epoch milliseconds as text", examples: ["1795644000000"] },
    issued_at: { type: "string", description: "Epoch milliseconds as text", examples: ["1795577700000"] },
    message_type: { type: "string", examples: ["access_token"] },
  },
  required: ["client_id", "user_id", "access_token", "token_type", "expires_at", "issued_at", "message_type"],
  additionalProperties: true,
} as const satisfies Schema;

export interface UpstoxNotifierMessage {
  client_id: string;
  user_id: string;
  access_token: string;
  token_type: string;
  expires_at: string;
  issued_at: string;
  message_type: string;
}
