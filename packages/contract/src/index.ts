export type * from "./from-schema.ts";
export * from "./ist-clock.ts";
export type * from "./route.ts";
