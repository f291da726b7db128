export * from "./ist-clock.ts";
export type * from "./route.ts";
