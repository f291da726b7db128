/**
 * Every Tradejini operation Kunji speaks, as data. Paths hold the `/v2` of the vendor's base URL
 * `https://api.tradejini.com/v2`. Source: protocol/tradejini.md 2 (the list) and 3 to 8.
 */
import type { Parameter, ResponseSpec, Route } from "../route.ts";
import type { TradejiniErrorCode } from "./errors.ts";
import { tradejiniOrderBasketSchema } from "./order-basket.ts";
import {
  tradejiniLimitsResponseSchema,
  tradejiniLogoutResponseSchema,
  tradejiniUserDetailsResponseSchema,
} from "./schemas/account.ts";
import {
  tradejiniAccessTokenSchema,
  tradejiniIndividualTokenRequestSchema,
  tradejiniTokenRequestSchema,
} from "./schemas/authorization.ts";
import { tradejiniErrorSchema } from "./schemas/envelope.ts";
import { tradejiniOrdersResponseSchema } from "./schemas/orders.ts";

const badRequest: ResponseSpec = { description: "Bad parameters", schema: tradejiniErrorSchema };
const unauthorized: ResponseSpec = { description: "Refused, without a reason", schema: tradejiniErrorSchema };
const forbidden: ResponseSpec = { description: "Not allowed from here", schema: tradejiniErrorSchema };
const wrongType: ResponseSpec = { description: "Wrong Content-Type", schema: tradejiniErrorSchema };

/** What any operation can answer, mostly by the gateway. */
const commonResponses: Readonly<Record<400 | 404 | 405 | 429 | 500 | 502 | 503 | 504, ResponseSpec>> = {
  400: badRequest,
  404: { description: "No such resource", schema: tradejiniErrorSchema },
  405: { description: "Wrong method", schema: tradejiniErrorSchema },
  429: { description: "Too many requests", schema: tradejiniErrorSchema },
  500: { description: "Unexpected failure", schema: tradejiniErrorSchema },
  502: { description: "Bad gateway", schema: tradejiniErrorSchema },
  503: { description: "Unavailable", schema: tradejiniErrorSchema },
  504: { description: "Gateway timeout", schema: tradejiniErrorSchema },
};

/** Errors of calls with an access token. 403 is one of two accounts of a wrong static IP; the other is 401. */
const bearerErrors = ["UNAUTHORIZED", "FORBIDDEN"] as const satisfies readonly TradejiniErrorCode[];

const loginPage: ResponseSpec = {
  description: "To the login page, or to the redirect URL with code and state",
  headers: { Location: { type: "string", format: "uri" } },
};

const authorizeParameters = [
  {
    name: "client_id",
    in: "query",
    required: true,
    schema: { type: "string", minLength: 1 },
    description: "API key of the app, not the trading client code",
    certainty: "doc",
  },
  {
    name: "redirect_uri",
    in: "query",
    required: true,
    schema: { type: "string", minLength: 1 },
    description: "Identical to the registered redirect URL",
    certainty: "doc",
  },
  {
    name: "response_type",
    in: "query",
    required: true,
    schema: { type: "string", const: "code" },
    certainty: "doc",
  },
  {
    name: "scope",
    in: "query",
    required: true,
    schema: { type: "string", const: "general" },
    description: "The only scope",
    certainty: "doc",
  },
  {
    // The vendor's order-connect sample leaves it empty: it must be there, and may be empty.
    name: "state",
    in: "query",
    required: true,
    schema: { type: "string", maxLength: 1024 },
    description: "Echoed unchanged on the callback",
    certainty: "doc",
  },
] as const satisfies readonly Parameter[];

export const tradejiniRoutes = {
  authorize: {
    id: "authorize",
    method: "GET",
    path: "/v2/api-gw/oauth/authorize",
    summary: "Authorize: opened in the customer's browser",
    description: "Leads to the login page and from there back to the redirect URL with code and state.",
    auth: "none",
    parameters: authorizeParameters,
    responses: { 302: loginPage, 401: unauthorized, ...commonResponses },
    errors: ["VALIDATION", "UNAUTHORIZED"],
    // Documented so, perhaps by a generator's slip.
    errorTexts: { VALIDATION: "Unauthorized" },
  },
  getAccessToken: {
    id: "getAccessToken",
    method: "POST",
    path: "/v2/api-gw/oauth/token",
    summary: "Exchange an authorization code for a token",
    description: "Server to server. Taken to spend the code at the first attempt (inferred): never retry.",
    auth: "secret",
    parameters: [],
    body: { contentType: "application/x-www-form-urlencoded", required: true, schema: tradejiniTokenRequestSchema },
    responses: {
      200: { description: "The token, without an envelope", schema: tradejiniAccessTokenSchema },
      401: unauthorized,
      ...commonResponses,
    },
    errors: ["VALIDATION", "INTERNAL", "UNAUTHORIZED"],
  },
  orderAuthorize: {
    id: "orderAuthorize",
    method: "GET",
    path: "/v2/api-gw/oauth/order-connect",
    summary: "Order connect: log in and place a basket of orders in one browser trip",
    description: "As authorize; the basket is checked before anybody logs in and placed when the customer approves it.",
    auth: "none",
    parameters: [
      ...authorizeParameters,
      {
        name: "params",
        in: "query",
        required: true,
        schema: {
          type: "string",
          contentMediaType: "application/json",
          contentSchema: tradejiniOrderBasketSchema,
        },
        description: "The orders, a JSON array",
        certainty: "doc",
      },
    ],
    responses: { 302: loginPage, 401: unauthorized, ...commonResponses },
    errors: ["VALIDATION", "INTERNAL", "UNAUTHORIZED"],
  },
  updatedIndividualToken: {
    id: "updatedIndividualToken",
    method: "POST",
    path: "/v2/api-gw/oauth/individual-token-v2",
    summary: "Direct login of an individual app's own account",
    description: "The account follows from the API key. One attempt: repeated failures can block the account.",
    auth: "api-key",
    parameters: [
      {
        name: "Authorization",
        in: "header",
        required: true,
        schema: { type: "string", pattern: "^Bearer [^: ]+$" },
        description: "Bearer <api_key>",
        certainty: "doc",
      },
    ],
    body: {
      contentType: "application/x-www-form-urlencoded",
      required: true,
      schema: tradejiniIndividualTokenRequestSchema,
    },
    responses: {
      200: { description: "The token, without an envelope", schema: tradejiniAccessTokenSchema },
      401: unauthorized,
      403: forbidden,
      415: wrongType,
      ...commonResponses,
    },
    errors: ["VALIDATION", "INTERNAL", "UNAUTHORIZED", "FORBIDDEN", "UNSUPPORTED"],
  },
  getUserDetails: {
    id: "getUserDetails",
    method: "GET",
    path: "/v2/api/account/details",
    summary: "Who the token belongs to",
    auth: "bearer",
    parameters: [],
    responses: {
      200: { description: "The details", schema: tradejiniUserDetailsResponseSchema },
      401: unauthorized,
      403: forbidden,
      ...commonResponses,
    },
    errors: [...bearerErrors],
  },
  getLogoutWebResponse: {
    id: "getLogoutWebResponse",
    method: "POST",
    path: "/v2/api/account/logout",
    summary: "End the session: every token of the user stops working",
    description: "Sent without a body and without a Content-Type.",
    auth: "bearer",
    parameters: [],
    responses: {
      200: { description: "Logged out", schema: tradejiniLogoutResponseSchema },
      401: unauthorized,
      403: forbidden,
      ...commonResponses,
    },
    errors: ["VALIDATION", "INTERNAL", ...bearerErrors],
  },
  retrieveFundsLimits: {
    id: "retrieveFundsLimits",
    method: "GET",
    path: "/v2/api/oms/limits",
    summary: "Funds by segment",
    auth: "bearer",
    parameters: [],
    responses: {
      200: { description: "One object, or one for each segment", schema: tradejiniLimitsResponseSchema },
      401: unauthorized,
      403: forbidden,
      ...commonResponses,
    },
    errors: [...bearerErrors],
  },
  // The vendor's order book has this address (inferred from the vendor's advice to read it after order-connect).
  // Name and body are Kunji's.
  getOrders: {
    id: "getOrders",
    method: "GET",
    path: "/v2/api/oms/orders",
    summary: "The orders placed through order connect",
    auth: "bearer",
    parameters: [],
    responses: {
      200: { description: "The orders, newest first, or no-data", schema: tradejiniOrdersResponseSchema },
      401: unauthorized,
      403: forbidden,
      ...commonResponses,
    },
    errors: [...bearerErrors],
  },
} as const satisfies Record<string, Route>;

/** The operation ids of the vendor's spec and its generated SDKs, and `getOrders`, which is Kunji's. */
export type TradejiniOperation = keyof typeof tradejiniRoutes;

/** Errors that any request can meet, whatever its route. */
export const tradejiniCommonErrors = [
  "BAD_REQUEST",
  "NOT_FOUND",
  "METHOD_NOT_ALLOWED",
  "TOO_MANY",
  "SERVER",
  "BAD_GATEWAY",
  "UNAVAILABLE",
  "GATEWAY_TIMEOUT",
] as const satisfies readonly TradejiniErrorCode[];
