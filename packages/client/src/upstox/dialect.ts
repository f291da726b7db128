import { nextUpstoxFundsOpening } from "@kunji/contract/upstox";
import type { Dialect } from "../api-client.ts";
import {
  ApiException,
  type ApiExceptionInit,
  ClosedForTheNightException,
  ForbiddenException,
  RateLimitedException,
  UnauthorizedException,
} from "../api-exception.ts";
import type { ApiResponse } from "../api-response.ts";
import { isPage, pageException } from "../call-failure.ts";
import { ApiGatewayErrorResponse, type Problem } from "./models/errors.ts";

/** Codes that say "wrong address", whatever the status: 1221 comes with 401 although the token is good. */
const wrongIpCodes = new Set(["UDAPI1154", "UDAPI1221"]);

/** What the Upstox client knows about Upstox beyond its routes. */
export const upstoxDialect: Dialect = {
  authName: "OAUTH2",
  routePrefix: "",
  encodeText: encodeURIComponent,
  exceptionFor,
  sandboxPaths: [
    "/v2/order/place",
    "/v2/order/modify",
    "/v2/order/cancel",
    "/v2/order/multi/place",
    "/v3/order/place",
    "/v3/order/modify",
    "/v3/order/cancel",
  ],
  isOrderPath: (path) => /\/order\/(place|modify|cancel)/.test(path),
};

/** By code first: the vendor documents few statuses, and some differ from report to report. */
function exceptionFor(response: ApiResponse, nowSeconds: number): ApiException {
  // The status of a page is that of whoever made it: Cloudflare's 403 says nothing of the token.
  if (isPage(response)) return pageException(response);
  const errors = readProblems(response.body);
  const code = errors[0]?.errorCode;
  const init: ApiExceptionInit = { message: describe(response, errors), response, errors, code };
  const { status } = response;

  if (code !== undefined && wrongIpCodes.has(code)) return new ForbiddenException({ ...init, wrongStaticIp: true });
  if (status === 423 || code === "UDAPI100072") {
    return new ClosedForTheNightException({ ...init, reopensAt: nextUpstoxFundsOpening(nowSeconds) });
  }
  if (status === 429 || code === "UDAPI10005") return new RateLimitedException(init);
  if (status === 401 || code === "UDAPI100050") return new UnauthorizedException(init);
  if (status === 403) return new ForbiddenException({ ...init, wrongStaticIp: false });
  return new ApiException(init);
}

function readProblems(body: unknown): readonly Problem[] {
  if (typeof body !== "object" || body === null) return [];
  const { errors } = ApiGatewayErrorResponse.constructFromObject(body);
  return Array.isArray(errors) ? errors.filter((each) => typeof each?.errorCode === "string") : [];
}

function describe(response: ApiResponse, errors: readonly Problem[]): string {
  const status = `${response.status} ${response.statusText}`.trim();
  return [status, ...errors.map((each) => `${each.errorCode} ${each.message}`)].join(": ");
}
