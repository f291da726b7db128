/**
 * Every Upstox operation Kunji speaks, as data: the client sends these, the broker mounts them.
 * Source: protocol/upstox.md 1.2 (the list) and 2 to 8 (each operation).
 */
import type { Parameter, ResponseSpec, Route, Webhook } from "../route.ts";
import type { UpstoxErrorCode } from "./errors.ts";
import { upstoxErrorSchema } from "./schemas/error.ts";
import { upstoxFundsResponseSchema, upstoxFundsV3ResponseSchema } from "./schemas/funds.ts";
import {
  upstoxIndieUserInitTokenResponseSchema,
  upstoxIndieUserTokenRequestSchema,
  upstoxLogoutResponseSchema,
  upstoxNotifierMessageSchema,
  upstoxTokenRequestSchema,
  upstoxTokenResponseSchema,
} from "./schemas/login.ts";
import {
  upstoxProfileResponseSchema,
  upstoxUpdateUserIpRequestSchema,
  upstoxUserIpResponseSchema,
} from "./schemas/user.ts";

/** Needed until March 2024; since then optional, any value is taken. Both official SDKs still send `2.0`. */
const apiVersion = {
  name: "Api-Version",
  in: "header",
  required: false,
  schema: { type: "string", examples: ["2.0", "3.0"] },
  certainty: "sdk",
} as const satisfies Parameter;

// Typed by name, not `as const`: the literal type of the error schema, spelled out for every status of every route,
// would make the declarations ten times as long.
const badRequest: ResponseSpec = { description: "Bad parameters", schema: upstoxErrorSchema };
const unauthorized: ResponseSpec = { description: "Key, secret or token refused", schema: upstoxErrorSchema };
const forbidden: ResponseSpec = { description: "Not allowed", schema: upstoxErrorSchema };
const closedAtNight: ResponseSpec = { description: "Closed from 00:00 to 05:30 IST", schema: upstoxErrorSchema };
const raced: ResponseSpec = { description: "Changed by another request meanwhile", schema: upstoxErrorSchema };

/**
 * What any operation can answer. The vendor's OpenAPI also declares 422 and 423 everywhere; only the funds
 * operations are known to use 423, and nothing is known to use 422.
 */
const commonResponses: Readonly<Record<404 | 405 | 406 | 429 | 500, ResponseSpec>> = {
  404: { description: "No such resource", schema: upstoxErrorSchema },
  405: { description: "Wrong method", schema: upstoxErrorSchema },
  406: { description: "Asked for something else than JSON", schema: upstoxErrorSchema },
  429: { description: "Too many requests", schema: upstoxErrorSchema },
  500: { description: "Unexpected failure", schema: upstoxErrorSchema },
};

/** Errors every bearer operation shares. The status of 100067 is reported as 401 or 403. */
const bearerErrors = ["UDAPI100050", "UDAPI100067", "UDAPI1221"] as const satisfies readonly UpstoxErrorCode[];

const staticIpErrors = ["UDAPI1179", "UDAPI1180", "UDAPI1181"] as const satisfies readonly UpstoxErrorCode[];

export const upstoxRoutes = {
  authorize: {
    id: "authorize",
    method: "GET",
    path: "/v2/login/authorization/dialog",
    summary: "Authorize dialog: opened in the customer's browser",
    description: "Leads to the login page and from there back to the redirect URI with code and state.",
    auth: "none",
    parameters: [
      {
        name: "client_id",
        in: "query",
        required: true,
        schema: { type: "string", minLength: 1 },
        description: "API key of the app, not the customer's UCC",
        certainty: "doc",
      },
      {
        name: "redirect_uri",
        in: "query",
        required: true,
        schema: { type: "string", minLength: 1 },
        description: "Identical to the registered redirect URI, character for character",
        certainty: "doc",
      },
      {
        // Documented as required; absent from the vendor's OpenAPI and never sent by its SDKs, which work all the same.
        name: "response_type",
        in: "query",
        required: false,
        schema: { type: "string", const: "code" },
        certainty: "doc",
      },
      {
        name: "state",
        in: "query",
        required: false,
        schema: { type: "string", maxLength: 1024 },
        description: "Echoed unchanged on the callback",
        certainty: "doc",
      },
      {
        name: "scope",
        in: "query",
        required: false,
        schema: { type: "string", examples: ["read", "write"] },
        description: "No effect is documented",
        certainty: "oas",
      },
      {
        name: "code_challenge",
        in: "query",
        required: false,
        schema: { type: "string", pattern: "^[A-Za-z0-9_-]{43}$" },
        description: "PKCE, S256 only (S-18)",
        certainty: "kunji",
      },
      {
        name: "code_challenge_method",
        in: "query",
        required: false,
        schema: { type: "string", const: "S256" },
        certainty: "kunji",
      },
      apiVersion,
    ],
    responses: {
      302: {
        description: "To the login page",
        headers: { Location: { type: "string", format: "uri" } },
      },
      400: badRequest,
      401: unauthorized,
      403: forbidden,
      ...commonResponses,
    },
    // UDAPI1017 here is inferred: the vendor lists it for the token and the token request only. UDAPI100016 is what
    // the authentication page says for a mismatch; live dialogs answer UDAPI100068.
    errors: ["UDAPI1017", "UDAPI1018", "UDAPI100068", "UDAPI100016", "UDAPI100073", "UDAPI100049"],
  },
  token: {
    id: "token",
    method: "POST",
    path: "/v2/login/authorization/token",
    summary: "Exchange an authorization code for tokens",
    description: "Server to server. The code is spent by the first attempt, even a failed one: never retry.",
    auth: "secret",
    parameters: [apiVersion],
    body: { contentType: "application/x-www-form-urlencoded", required: true, schema: upstoxTokenRequestSchema },
    responses: {
      200: { description: "The tokens and the customer, without an envelope", schema: upstoxTokenResponseSchema },
      400: badRequest,
      401: unauthorized,
      403: forbidden,
      ...commonResponses,
    },
    errors: [
      "UDAPI1017",
      "UDAPI1018",
      "UDAPI1022",
      "UDAPI1023",
      "UDAPI1024",
      "UDAPI100069",
      "UDAPI100070",
      "UDAPI100057",
      "UDAPI100058",
      "UDAPI100016",
      "UDAPI100073",
      "UDAPI100049",
    ],
  },
  logout: {
    id: "logout",
    method: "DELETE",
    path: "/v2/logout",
    summary: "End the session: the token stops working",
    description: "The official Python SDK sends the body {}, the JS SDK none.",
    auth: "bearer",
    parameters: [apiVersion],
    responses: {
      200: { description: "Logged out", schema: upstoxLogoutResponseSchema },
      401: unauthorized,
      403: forbidden,
      ...commonResponses,
    },
    // The vendor's page has no error table; these are inferred from the list common to all operations.
    errors: [...bearerErrors],
  },
  initTokenRequestForIndieUser: {
    id: "initTokenRequestForIndieUser",
    method: "POST",
    path: "/v3/login/auth/token/request/{client_id}",
    summary: "Ask the account holder to approve a token; it arrives by the notifier webhook",
    auth: "secret",
    parameters: [
      {
        name: "client_id",
        in: "path",
        required: true,
        schema: { type: "string", minLength: 1 },
        description: "API key of the app",
        certainty: "doc",
      },
    ],
    body: { contentType: "application/json", required: true, schema: upstoxIndieUserTokenRequestSchema },
    responses: {
      200: { description: "The request is pending", schema: upstoxIndieUserInitTokenResponseSchema },
      400: badRequest,
      401: unauthorized,
      403: forbidden,
      ...commonResponses,
    },
    // UDAPI100073 (inactive app) comes from the list common to all operations.
    errors: [
      "UDAPI1017",
      "UDAPI1024",
      "UDAPI100069",
      "UDAPI1123",
      "UDAPI1124",
      "UDAPI1155",
      "UDAPI1157",
      "UDAPI100073",
    ],
  },
  getProfile: {
    id: "getProfile",
    method: "GET",
    path: "/v2/user/profile",
    summary: "Who the token belongs to",
    auth: "bearer",
    parameters: [apiVersion],
    responses: {
      200: { description: "The profile", schema: upstoxProfileResponseSchema },
      400: badRequest,
      401: unauthorized,
      403: forbidden,
      ...commonResponses,
    },
    errors: [...bearerErrors, "UDAPI100058"],
  },
  getUserFundMargin: {
    id: "getUserFundMargin",
    method: "GET",
    path: "/v2/user/get-funds-and-margin",
    summary: "Funds by segment",
    auth: "bearer",
    parameters: [
      {
        // Open on purpose: a wrong value has its own error (UDAPI1019).
        name: "segment",
        in: "query",
        required: false,
        schema: { type: "string", examples: ["SEC", "COM"] },
        description: "SEC (equity) or COM (commodity); absent means both",
        certainty: "doc",
      },
      apiVersion,
    ],
    responses: {
      200: { description: "Funds, keyed by segment", schema: upstoxFundsResponseSchema },
      400: badRequest,
      401: unauthorized,
      403: forbidden,
      423: closedAtNight,
      ...commonResponses,
    },
    errors: [...bearerErrors, "UDAPI1019", "UDAPI100072"],
  },
  getUserFundMarginV3: {
    id: "getUserFundMarginV3",
    method: "GET",
    path: "/v3/user/get-funds-and-margin",
    summary: "Funds of all segments in detail",
    auth: "bearer",
    parameters: [apiVersion],
    responses: {
      200: { description: "Funds", schema: upstoxFundsV3ResponseSchema },
      401: unauthorized,
      403: forbidden,
      423: closedAtNight,
      ...commonResponses,
    },
    errors: [...bearerErrors, "UDAPI100072"],
  },
  getUserIps: {
    id: "getUserIps",
    method: "GET",
    path: "/v2/user/ip",
    summary: "The static IPs of the account",
    auth: "bearer",
    parameters: [],
    responses: {
      200: { description: "The static IPs", schema: upstoxUserIpResponseSchema },
      400: badRequest,
      401: unauthorized,
      403: forbidden,
      ...commonResponses,
    },
    errors: [...bearerErrors, ...staticIpErrors],
  },
  updateUserIp: {
    id: "updateUserIp",
    method: "PUT",
    path: "/v2/user/ip",
    summary: "Change the static IPs: at most once a calendar week; existing tokens die",
    auth: "bearer",
    parameters: [],
    body: { contentType: "application/json", required: true, schema: upstoxUpdateUserIpRequestSchema },
    responses: {
      200: { description: "The new static IPs", schema: upstoxUserIpResponseSchema },
      400: badRequest,
      401: unauthorized,
      403: forbidden,
      409: raced,
      ...commonResponses,
    },
    errors: [...bearerErrors, ...staticIpErrors, "UDAPI1182", "UDAPI1183", "UDAPI1184", "UDAPI1185", "UDAPI1186"],
    errorTexts: { UDAPI1179: "You are not allowed to update this app." },
  },
} as const satisfies Record<string, Route>;

/** The operation ids of the vendor's documents and SDKs. */
export type UpstoxOperation = keyof typeof upstoxRoutes;

/** Errors that any request can meet, whatever its route. Statuses but 404, 429 and 500 are inferred. */
export const upstoxCommonErrors = [
  "UDAPI10000",
  "UDAPI10005",
  "UDAPI100015",
  "UDAPI100036",
  "UDAPI100038",
  "UDAPI100060",
  "UDAPI100500",
] as const satisfies readonly UpstoxErrorCode[];

/** Errors of order operations, which are no routes of ours: a client must know that the token is fine. */
export const upstoxOrderErrors = ["UDAPI1154"] as const satisfies readonly UpstoxErrorCode[];

/**
 * Operation 4b: on approval of a token request Upstox posts the token to the app's notifier URL. No signature, no
 * authentication; a rejected or lapsed request sends nothing. Check `client_id` and prove the token with a profile
 * call before trusting it.
 * @see protocol/upstox.md 5.4
 */
export const upstoxNotifierWebhook = {
  id: "notifierWebhook",
  method: "POST",
  summary: "The token of an approved token request",
  target: "notifier_url",
  body: { contentType: "application/json", required: true, schema: upstoxNotifierMessageSchema },
  responses: { 200: { description: "A plain string or a JSON object; any 2xx counts as delivered" } },
} as const satisfies Webhook;
