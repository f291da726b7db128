/**
 * Bodies of the Tradejini authorization operations. Source: protocol/tradejini.md 4, 5.
 */
import type { Schema } from "../../route.ts";

/** Form of `POST /v2/api-gw/oauth/token`, in the order the generated SDKs send it. */
export const tradejiniTokenRequestSchema = {
  type: "object",
  title: "TokenRequest",
  properties: {
    code: { type: "string", minLength: 1, description: "From the callback" },
    client_id: { type: "string", minLength: 1, description: "API key of the app" },
    redirect_uri: { type: "string", minLength: 1, description: "The registered redirect URL, as in authorize" },
    client_secret: { type: "string", minLength: 1, description: "API secret of the app" },
    grant_type: { type: "string", const: "authorization_code" },
  },
  required: ["code", "client_id", "redirect_uri", "client_secret", "grant_type"],
} as const satisfies Schema;

export interface TradejiniTokenRequest {
  code: string;
  client_id: string;
  redirect_uri: string;
  client_secret: string;
  grant_type: "authorization_code";
}

/** Form of `POST /v2/api-gw/oauth/individual-token-v2`. Further fields that old guides name are ignored. */
export const tradejiniIndividualTokenRequestSchema = {
  type: "object",
  title: "IndividualTokenRequest",
  properties: {
    // Account password by the vendor, CubePlus PIN by what was tried live: nothing but "not empty" is known of it.
    password: { type: "string", minLength: 1, description: "CubePlus PIN or login password" },
    twoFa: { type: "string", minLength: 1, description: "The second factor's code, 6 digits", examples: ["093182"] },
    twoFaTyp: { type: "string", enum: ["otp", "totp"], description: "What twoFa is" },
  },
  required: ["password", "twoFa", "twoFaTyp"],
} as const satisfies Schema;

export interface TradejiniIndividualTokenRequest {
  password: string;
  twoFa: string;
  twoFaTyp: "otp" | "totp";
}

/** The bare OAuth object of both token endpoints. The SDK's models leave every field optional. */
export const tradejiniAccessTokenSchema = {
  type: "object",
  title: "AccessToken",
  properties: {
    scope: { type: "string", examples: ["general"] },
    access_token: { type: "string", description: "Opaque; sent as <api_key>:<access_token>" },
    token_type: { type: "string", description: "In any case of letters", examples: ["bearer"] },
    expires_in: { type: "integer", description: "Seconds from issue", examples: [86_400] },
  },
  required: ["access_token"],
  additionalProperties: true,
} as const satisfies Schema;

export interface TradejiniAccessToken {
  scope?: string;
  access_token: string;
  token_type?: string;
  expires_in?: number;
}
