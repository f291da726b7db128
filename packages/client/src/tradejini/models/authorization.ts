/**
 * What a login gives.
 */
import { tradejiniTokenExpiry } from "@kunji/contract/tradejini";
import { ApiException } from "../../api-exception.ts";
import { Model } from "../../model.ts";
import { Discreet } from "../../redaction.ts";
import { bearerPair } from "../bearer-pair.ts";

/**
 * The answer of both token endpoints. Its fields can also be read by the names the generated SDK gives them. Printing
 * it masks the token; its JSON holds it.
 */
export class AccessToken extends Model {
  /** `general`. */
  declare scope?: string;
  /** Opaque. Calls want `bearerPair(apiKey, accessToken)`. */
  declare accessToken?: string;
  /** `bearer`, in any case of letters. */
  declare tokenType?: string;
  /** Seconds from issue. */
  declare expiresIn?: number;

  get access_token(): string | undefined {
    return this.accessToken;
  }

  get token_type(): string | undefined {
    return this.tokenType;
  }

  get expires_in(): number | undefined {
    return this.expiresIn;
  }
}

/** A login that is ready to use. Printing it masks its secrets. */
export class Session extends Discreet {
  /** API key of the app. */
  readonly apiKey: string;
  readonly accessToken: string;
  /** `<api_key>:<access_token>`: what `Configuration.accessToken` wants. */
  readonly bearer: string;
  readonly scope: string | undefined;
  /** Epoch seconds, counted from when the token was asked for. */
  readonly expiresAt: number;

  /**
   * @param issuedAt epoch seconds
   * @throws ApiException when the answer holds no token, or one of a type that is no bearer (RFC 6749 7.1)
   */
  constructor(apiKey: string, token: AccessToken, issuedAt: number) {
    super();
    const { accessToken, tokenType, scope, expiresIn } = token;
    if (typeof accessToken !== "string" || accessToken === "") {
      throw new ApiException({ message: "the answer holds no access token" });
    }
    if (tokenType !== undefined && String(tokenType).toLowerCase() !== "bearer") {
      throw new ApiException({ message: "the answer holds a token of a type this client cannot send" });
    }
    this.apiKey = apiKey;
    this.accessToken = accessToken;
    this.bearer = bearerPair(apiKey, accessToken);
    this.scope = scope;
    this.expiresAt = tradejiniTokenExpiry(issuedAt, expiresIn);
  }
}
