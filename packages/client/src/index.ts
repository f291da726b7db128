/**
 * The public surface of `@kunji/client`: one namespace per broker, and what they share.
 */
export type { BrokerApiClient, CallOptions } from "./api-client.ts";
export {
  AbortedException,
  ApiException,
  type ApiProblem,
  BadRequestException,
  ClosedForTheNightException,
  ForbiddenException,
  NetworkException,
  NotFoundException,
  NotJsonException,
  RateLimitedException,
  ServiceException,
  TimeoutException,
  UnauthorizedException,
} from "./api-exception.ts";
export { ApiResponse } from "./api-response.ts";
export type { ApiCallback } from "./callback-style.ts";
export {
  CallbackException,
  type CallbackFailure,
  CheckedCallback,
  type ExpectedCallback,
  readCallback,
} from "./callback-url.ts";
export type { AccessTokenSource, ConfigurationInit } from "./configuration.ts";
export { createPkcePair, createState, PkcePair, pkceChallenge } from "./login-secrets.ts";
export * as TradejiniClient from "./tradejini/index.ts";
export type { FetchInit, FetchLike, FetchReader, FetchResponse } from "./transport/fetch.ts";
export type { Transport, WireRequest, WireResponse } from "./transport/transport.ts";
export { TransportError } from "./transport/transport.ts";
export type { AuthSetting } from "./upstox/configuration.ts";
export * as UpstoxClient from "./upstox/index.ts";
export { version } from "./version.ts";
