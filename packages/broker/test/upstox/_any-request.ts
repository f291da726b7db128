import { upstoxRoutes } from "@kunji/contract/upstox";
import fc from "fast-check";

/** Stands for a secret put in the wrong place; no answer may give it back (S-110). */
export const CANARY = "cAnArY7f3e9b21";

/** A request nobody sane sends. Bytes travel one per UTF-16 unit in `body`. */
export interface AnyRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What the real values are; they appear in requests, so that the fuzz gets past the first check. */
export interface RealValues {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
}

const NAMES = [
  "code",
  "client_id",
  "client_secret",
  "redirect_uri",
  "grant_type",
  "refresh_extended_token",
  "code_verifier",
  "state",
  "response_type",
  "segment",
  "token",
  "primary_ip",
  "secondary_ip",
  "primaryIp",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "access_token",
  "",
];

/** The usual thing three times in four and an odd one otherwise, so that every check is reached and passed. */
const mostly = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: usual }, { weight: 1, arbitrary: odd });

/** Text no form, URL or JSON reader likes, and some that look harmless. */
const nasty = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "null",
    "true",
    "-1",
    "1e999",
    "NaN",
    "[]",
    "{}",
    "../..",
    "' OR 1=1 --",
    "{{7*7}}",
    "%",
    "%00",
  ),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.constantFrom("\u0000", "\r\nSet-Cookie: a=b", "\u202e", "\ufffd", "a".repeat(3000)),
);

const value = (real: RealValues) =>
  mostly(
    fc.constantFrom(
      CANARY,
      "",
      real.clientId,
      real.clientSecret,
      real.redirectUri,
      "authorization_code",
      "code",
      "true",
      "SEC",
      "203.0.113.7",
    ),
    fc.oneof(
      nasty,
      fc.tuple(nasty, nasty).map(([before, after]) => `${before}${CANARY}${after}`),
    ),
  );

/** Percent-encoded as it should be, or not. */
const encoded = (text: fc.Arbitrary<string>) =>
  fc.tuple(text, fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2)).map(([plain, way]) => {
    if (way === 0) return encodeURIComponent(Buffer.from(plain).toString());
    if (way === 1) return `${encodeURIComponent(Buffer.from(plain).toString())}%f${way}%zz`;
    return plain.replaceAll(/[^!-~]|[#?]/gu, "");
  });

const pairs = (real: RealValues) =>
  fc
    .array(fc.tuple(encoded(mostly(fc.constantFrom(...NAMES), nasty)), encoded(value(real))), { maxLength: 8 })
    .map((list) => list.map(([name, text]) => `${name}=${text}`).join("&"));

/** A whole token form, now and then with something more behind it. */
const goodForm = (real: RealValues) =>
  pairs(real).map((tail) => {
    const fields = {
      client_id: real.clientId,
      client_secret: real.clientSecret,
      redirect_uri: real.redirectUri,
      grant_type: "authorization_code",
      token: CANARY,
      code: CANARY,
    };
    return `${new URLSearchParams(fields)}&${tail}`;
  });

const json = (real: RealValues) =>
  fc.oneof(
    fc.json({ maxDepth: 10 }),
    fc.integer({ min: 1, max: 4000 }).map((depth) => "[".repeat(depth) + "]".repeat(depth)),
    fc.integer({ min: 1, max: 2000 }).map((depth) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`),
    fc
      .dictionary(fc.oneof(fc.constantFrom(...NAMES), nasty), fc.oneof(value(real), fc.jsonValue()), { maxKeys: 6 })
      .map((object) => JSON.stringify(object)),
    fc.constantFrom(
      '{"__proto__":{"admin":true}}',
      `{"client_secret":"${CANARY}","client_secret":"${CANARY}"}`,
      `{"client_secret":["${CANARY}"]}`,
      `{"primary_ip":{"toString":"${CANARY}"}}`,
      `{"primary_ip":"${CANARY}\\u0000"}`,
      '{"primary_ip":"\\ud800"}',
      `{"primary_ip":1e999,"x":"${CANARY}"`,
      "\ufeff{}",
    ),
  );

const body = (real: RealValues): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    fc.constant(new Uint8Array()),
    pairs(real).map((text) => Buffer.from(text)),
    goodForm(real).map((text) => Buffer.from(text)),
    json(real).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 200 }),
    fc.integer({ min: 15_000, max: 18_000 }).map((size) => Buffer.alloc(size, "a=")),
  );

const oddHeaders = fc.record(
  {
    "content-type": fc.constantFrom(
      "application/x-www-form-urlencoded; charset=utf-8",
      "application/json; charset=utf-16",
      "text/plain",
      "multipart/form-data; boundary=x",
      "application/json, text/html",
      ";",
      CANARY,
    ),
    authorization: fc.constantFrom(
      "Bearer",
      "Bearer ",
      `Bearer ${CANARY}`,
      `Basic ${btoa(`${CANARY}:${CANARY}`)}`,
      `Bearer kupx_at_${"0".repeat(24)}${"A".repeat(43)}`,
      `Bearer ${"a".repeat(3000)}`,
    ),
    accept: fc.constantFrom("*/*", "application/json", "text/html", "", `${CANARY}/x`, "application/json;q=0", ",,;q="),
    "api-version": fc.constantFrom("2.0", "3.0", CANARY),
    cookie: fc.constantFrom(`kunji-upstox=${CANARY}`, "a=b; a=b", "=;;=", `x=${CANARY}`),
    origin: fc.constantFrom("null", `https://${CANARY}.example.in`),
    "content-encoding": fc.constantFrom("gzip", CANARY),
    "x-forwarded-for": fc.constantFrom("1.2.3.4", CANARY),
    "x-forwarded-host": fc.constant(`${CANARY}.example.in`),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Record<string, string>>;

const harmlessHeaders = fc.constantFrom<Record<string, string>>(
  {},
  { accept: "application/json" },
  { "api-version": "2.0" },
);

interface Target {
  readonly method: string;
  readonly path: string;
  readonly content: "form" | "json" | "none";
}

const TARGETS: readonly Target[] = [
  ...Object.values(upstoxRoutes).map(
    (route): Target => ({
      method: route.method,
      path: route.path,
      content: !("body" in route) ? "none" : route.body.contentType === "application/json" ? "json" : "form",
    }),
  ),
  { method: "POST", path: "/oauth/introspect", content: "form" },
  { method: "POST", path: "/oauth/revoke", content: "form" },
  { method: "GET", path: "/.well-known/oauth-authorization-server", content: "none" },
];

const TYPES = { form: "application/x-www-form-urlencoded", json: "application/json" } as const;

function usualBody(content: Target["content"], real: RealValues): fc.Arbitrary<Uint8Array> {
  if (content === "none") return fc.constant(new Uint8Array());
  const text = content === "json" ? fc.oneof(json(real), goodJson(real)) : fc.oneof(pairs(real), goodForm(real));
  return text.map((written) => Buffer.from(written));
}

/** Bodies of the two JSON routes, right but for one value. */
const goodJson = (real: RealValues) =>
  fc
    .oneof(
      fc.constantFrom({ client_secret: real.clientSecret }, { client_secret: CANARY }, { primary_ip: CANARY }),
      fc.record({ primary_ip: fc.oneof(value(real), fc.jsonValue()), secondary_ip: value(real) }),
      fc.record({ client_secret: fc.oneof(value(real), fc.jsonValue()), otp_verification_disabled: fc.boolean() }),
    )
    .map((object) => JSON.stringify(object));

function requestTo(target: Target, real: RealValues): fc.Arbitrary<AnyRequest> {
  const type: Record<string, string> = target.content === "none" ? {} : { "content-type": TYPES[target.content] };
  const query = target.content === "none" ? pairs(real) : fc.constant("");
  return fc
    .record({
      method: mostly(
        fc.constant(target.method),
        fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"),
      ),
      clientId: mostly(fc.constant(real.clientId), encoded(fc.oneof(fc.constant(CANARY), nasty))),
      tail: mostly(fc.constant(""), fc.constantFrom("/", `/${CANARY}`, "%2e%2e", "//x", "%00", ";x=1")),
      query: mostly(query, pairs(real)),
      headers: mostly(harmlessHeaders, oddHeaders),
      body: mostly(usualBody(target.content, real), body(real)),
    })
    .map(({ method, clientId, tail, query: asked, headers, body: content }) => ({
      method,
      path: target.path.replace("{client_id}", clientId) + tail + (asked === "" ? "" : `?${asked}`),
      headers: { ...type, ...headers },
      body: content,
    }));
}

/** Requests over every API route, most of them wrong in some way. */
export function anyRequest(real: RealValues): fc.Arbitrary<AnyRequest> {
  return fc.oneof(...TARGETS.map((target) => requestTo(target, real)));
}
