/**
 * The Tradejini client: what `TradejiniClient` holds. Names are those of the SDKs generated from the vendor's spec;
 * `Session`, `exchangeCode`, `loginDirect`, `OrdersApi` and the functions are Kunji's.
 */
export {
  type BasketProblem,
  basketProblems,
  MAX_BASKET_ORDERS,
  type TradejiniEquityOrder as EquityOrder,
  type TradejiniFuturesOrder as FuturesOrder,
  type TradejiniOptionsOrder as OptionsOrder,
  type TradejiniOrder as Order,
  type TradejiniOrderBasket as OrderBasket,
  tradejiniTokenExpiry as tokenExpiry,
} from "@kunji/contract/tradejini";
export type { CallOptions } from "../api-client.ts";
export {
  AbortedException,
  ApiException,
  BadRequestException,
  ForbiddenException,
  NetworkException,
  NotFoundException,
  NotJsonException,
  RateLimitedException,
  ServiceException,
  TimeoutException,
  UnauthorizedException,
} from "../api-exception.ts";
export { ApiResponse } from "../api-response.ts";
export type { ApiCallback } from "../callback-style.ts";
export { CallbackException, CheckedCallback, readCallback } from "../callback-url.ts";
export type { AccessTokenSource } from "../configuration.ts";
export { createState } from "../login-secrets.ts";
export { AccountApi } from "./account-api.ts";
export { ApiClient, type TradejiniApiClientOptions } from "./api-client.ts";
export { AuthorizationApi, type CodeExchange, type DirectLogin } from "./authorization-api.ts";
export {
  type AuthorizationUrlParameters,
  authorizationUrl,
  type OrderAuthorizationUrlParameters,
  orderAuthorizationUrl,
} from "./authorization-url.ts";
export { bearerPair } from "./bearer-pair.ts";
export { Configuration, type TradejiniConfigurationInit } from "./configuration.ts";
export {
  AuthorizeResponseTypeEnum,
  AuthorizeScopeEnum,
  GetAccessTokenGrantTypeEnum,
  OrderAuthorizeResponseTypeEnum,
  OrderAuthorizeScopeEnum,
  UpdatedIndividualTokenTwoFaTypEnum,
} from "./enums.ts";
export { FundsApi } from "./funds-api.ts";
export {
  BankDtls,
  ClientDetailsData,
  GetLogoutWebResponse200Response,
  GetUserDetails200Response,
  IouMessage,
} from "./models/account.ts";
export { AccessToken, Session } from "./models/authorization.ts";
export { LimitData, RetrieveFundsLimits200Response } from "./models/funds.ts";
export { GetOrders200Response, OrderRecord } from "./models/orders.ts";
export { OrdersApi } from "./orders-api.ts";
export { RequiredError } from "./required-error.ts";
