/**
 * The Upstox client: what `UpstoxClient` holds. Names are those of the official JS SDK, the classes its package
 * forgets to export included.
 */
export type { CallOptions } from "../api-client.ts";
export {
  AbortedException,
  ApiException,
  type ApiProblem,
  ClosedForTheNightException,
  ForbiddenException,
  NetworkException,
  NotJsonException,
  RateLimitedException,
  TimeoutException,
  UnauthorizedException,
} from "../api-exception.ts";
export { ApiResponse } from "../api-response.ts";
export type { ApiCallback } from "../callback-style.ts";
export { CallbackException, CheckedCallback, readCallback } from "../callback-url.ts";
export { createPkcePair, createState, PkcePair, pkceChallenge } from "../login-secrets.ts";
export { ApiClient, type UpstoxApiClientOptions } from "./api-client.ts";
export { type AuthorizationUrlParameters, authorizationUrl } from "./authorization-url.ts";
export { Configuration } from "./configuration.ts";
export { type AuthorizeOptions, LoginApi, type TokenOptions } from "./login-api.ts";
export {
  ApiGatewayErrorResponse,
  OAuthClientException,
  OAuthClientExceptionCause,
  OAuthClientExceptionCauseStackTrace,
  OAuthClientExceptionCauseSuppressed,
  Problem,
} from "./models/errors.ts";
export {
  AvailableToTrade,
  CashAvailableToTrade,
  CashBreakdown,
  CashMarginUsed,
  CashUnavailableToTrade,
  DeliveryMargin,
  type FundsBySegment,
  GetUserFundMarginResponse,
  GetUserFundMarginV3Response,
  Loss,
  MarginFromPledge,
  PledgeAvailableToTrade,
  PledgeMarginUsed,
  PledgeUnavailableToTrade,
  UnavailableToTrade,
  UnsettledProfit,
  UserFundMarginData,
  UserFundMarginV3Data,
} from "./models/funds.ts";
export {
  IndieUserInitTokenData,
  IndieUserInitTokenResponse,
  IndieUserTokenRequest,
  LogoutResponse,
  NotifierMessage,
  ProfileData,
  TokenRequest,
  TokenResponse,
} from "./models/login.ts";
export {
  GetProfileResponse,
  UpdateUserIpRequest,
  UserIpFamilyMember,
  UserIpResponse,
  UserIpResponseData,
} from "./models/user.ts";
export { UserApi, type UserFundMarginOptions } from "./user-api.ts";
