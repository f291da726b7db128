export * from "./errors.ts";
export * from "./hours.ts";
