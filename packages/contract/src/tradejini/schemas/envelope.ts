/**
 * The envelope of `/api/*` and of every error. The two token endpoints do not use it on success.
 * Source: protocol/tradejini.md 1.
 */
import type { Schema } from "../../route.ts";

/** Values of `s`. `no-data` is a normal empty answer, taken to come with status 200 (inferred). */
export const tradejiniStatuses = ["ok", "error", "no-data"] as const;

export type TradejiniStatus = (typeof tradejiniStatuses)[number];

export const tradejiniErrorSchema = {
  type: "object",
  title: "ErrorResponse",
  properties: {
    s: { type: "string", const: "error" },
    // Some bodies say `message` instead (community); clients read both.
    msg: { type: "string", description: "What went wrong; there is no code" },
  },
  required: ["s", "msg"],
  additionalProperties: true,
} as const satisfies Schema;

/** A normal answer without content. */
export const tradejiniNoDataSchema = {
  type: "object",
  title: "NoDataResponse",
  properties: {
    s: { type: "string", const: "no-data" },
    msg: { type: "string", examples: ["no-data", "No Data Available"] },
  },
  required: ["s", "msg"],
  additionalProperties: true,
} as const satisfies Schema;

export interface TradejiniNoDataResponse {
  s: "no-data";
  msg: string;
}

/** `d` in its envelope, for a success. */
export function inEnvelope<const T extends string, const D extends Schema>(title: T, d: D) {
  return {
    type: "object",
    title,
    properties: {
      s: { type: "string", const: "ok" },
      d,
      // Declared by the SDK's models; a success has been seen to carry its text in `d.msg` only.
      msg: { type: "string" },
    },
    required: ["s", "d"],
    additionalProperties: true,
  } as const;
}

/** What `inEnvelope` describes. */
export interface TradejiniEnvelope<D> {
  s: "ok";
  d: D;
  msg?: string;
}
