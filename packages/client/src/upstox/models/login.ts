/**
 * Models of the login operations. Names and properties are those of the official JS SDK, and the fields it drops.
 * Types follow the vendor's documents; nothing is enforced at run time.
 */
import { Model } from "../../model.ts";

/** Values of `status` that are known; others pass. */
export const statusEnum = Object.freeze({ success: "success", error: "error" } as const);

/** Form of the token exchange, as an object. */
export class TokenRequest extends Model {
  declare code: string;
  /** API key. */
  declare clientId: string;
  /** API secret. */
  declare clientSecret: string;
  declare redirectUri: string;
  declare grantType: string;

  constructor(code?: string, clientId?: string, clientSecret?: string, redirectUri?: string, grantType?: string) {
    super();
    // What is not given stays absent, for `constructFromObject` to fill.
    if (code !== undefined) this.code = code;
    if (clientId !== undefined) this.clientId = clientId;
    if (clientSecret !== undefined) this.clientSecret = clientSecret;
    if (redirectUri !== undefined) this.redirectUri = redirectUri;
    if (grantType !== undefined) this.grantType = grantType;
  }
}

/** The customer, as the profile and the token response describe it. */
export class ProfileData extends Model {
  static readonly OrderTypesEnum = Object.freeze({ MARKET: "MARKET", LIMIT: "LIMIT", SL: "SL", SL_M: "SL-M" } as const);

  declare email: string;
  /** `NSE`, `NFO`, `CDS`, `BSE`, `BFO`, `BCD`, `MCX`, `NSCOM` and what comes. */
  declare exchanges: string[];
  /** `D`, `CO`, `I`, `MTF` and what comes. */
  declare products: string[];
  declare broker: string;
  /** Unique client code (UCC). */
  declare userId: string;
  declare userName: string;
  /** `MARKET`, `LIMIT`, `SL`, `SL-M` and what comes. */
  declare orderTypes: string[];
  declare userType: string;
  /** Power of attorney given. */
  declare poa: boolean;
  /** Demat debit and pledge instruction given; older bodies lack it. */
  declare ddpi?: boolean;
  declare isActive: boolean;
}

/** The day's token and whose it is. Printing it masks the tokens; its JSON holds them. */
export class TokenResponse extends ProfileData {
  /** Dies at the next 03:30 IST. */
  declare accessToken: string;
  /** One year, read-only. */
  declare extendedToken?: string | null;
  // Declared in the vendor's OpenAPI, absent from its documentation.
  declare tokenType?: string;
  declare expiresIn?: number;
  declare refreshToken?: string | null;
  declare refreshTokenExpiresIn?: number | null;
}

export class LogoutResponse extends Model {
  static readonly StatusEnum = statusEnum;

  declare status: string;
  declare data: boolean;
}

/** Body of `initTokenRequestForIndieUser`; either spelling will do. */
export type IndieUserTokenRequestInit =
  | { readonly clientSecret: string; readonly [field: string]: unknown }
  | { readonly client_secret: string; readonly [field: string]: unknown }
  | IndieUserTokenRequest;

export class IndieUserTokenRequest extends Model {
  /** API secret. */
  declare clientSecret: string;
}

export class IndieUserInitTokenData extends Model {
  /** When the pending request lapses: epoch milliseconds as text. */
  declare authorizationExpiry: string;
  /** Where the token will be posted. */
  declare notifierUrl: string;
}

export class IndieUserInitTokenResponse extends Model {
  static readonly StatusEnum = Object.freeze({ ...statusEnum, partialSuccess: "partial_success" } as const);
  static override readonly nested = { data: IndieUserInitTokenData };

  declare status: string;
  declare data: IndieUserInitTokenData;
}

/**
 * What Upstox posts to the app's notifier URL. It is not signed: check `clientId`, and prove the token with
 * `getProfile` before trusting it.
 */
export class NotifierMessage extends Model {
  declare clientId: string;
  declare userId: string;
  declare accessToken: string;
  declare tokenType: string;
  /** Epoch milliseconds as text. */
  declare expiresAt: string;
  /** Epoch milliseconds as text. */
  declare issuedAt: string;
  /** `access_token`. */
  declare messageType: string;
}
