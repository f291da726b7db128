import { tradejiniErrors } from "@kunji/contract/tradejini";
import type { Dialect } from "../api-client.ts";
import {
  ApiException,
  BadRequestException,
  ForbiddenException,
  NotFoundException,
  RateLimitedException,
  ServiceException,
  UnauthorizedException,
} from "../api-exception.ts";
import type { ApiResponse } from "../api-response.ts";
import { isPage } from "../call-failure.ts";
import { formEncoded } from "../request-encoding.ts";

/** What the Tradejini client knows about Tradejini beyond its routes. */
export const tradejiniDialect: Dialect = {
  authName: "http_bearer",
  routePrefix: "/v2",
  encodeText: formEncoded,
  exceptionFor,
  sandboxPaths: [],
  isOrderPath: () => false,
  // Errors are documented with their status; several clients look at `s` all the same.
  isRefusal: (body) => field(body, "s") === "error",
};

/** By status: the wire has no codes, and a page of the gateway means what its status says. */
function exceptionFor(response: ApiResponse): ApiException {
  const { status } = response;
  // Several clients meet `message` instead of `msg`.
  const text = field(response.body, "msg") ?? field(response.body, "message");
  const init = { message: describe(response, text), response, code: codeOf(status, text) };
  switch (status) {
    case 400:
      return new BadRequestException(init);
    case 401:
      return new UnauthorizedException(init);
    case 403:
      // Perhaps the address, perhaps not: the broker does not say.
      return new ForbiddenException({ ...init, wrongStaticIp: false });
    case 404:
      return new NotFoundException(init);
    case 429:
      return new RateLimitedException(init);
    default:
      return status >= 500 && status <= 599 ? new ServiceException(init) : new ApiException(init);
  }
}

/** Our own name of the error: by status and text, or by the status where only one error has it. */
function codeOf(status: number, text: string | undefined): string | undefined {
  const sameStatus = Object.entries(tradejiniErrors).filter(([, spec]) => spec.status === status);
  const match = sameStatus.find(([, spec]) => spec.message === text) ?? (sameStatus.length === 1 && sameStatus[0]);
  return match ? match[0] : undefined;
}

function describe(response: ApiResponse, text: string | undefined): string {
  const status = `${response.status} ${response.statusText}`.trim();
  if (isPage(response)) return `${status}: the answer is not JSON`;
  return text === undefined || text === response.statusText ? status : `${status}: ${text}`;
}

function field(body: unknown, name: string): string | undefined {
  if (typeof body !== "object" || body === null || !Object.hasOwn(body, name)) return undefined;
  const value: unknown = (body as Record<string, unknown>)[name];
  return typeof value === "string" ? value : undefined;
}
