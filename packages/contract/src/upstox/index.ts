export * from "./errors.ts";
export * from "./hours.ts";
export * from "./routes.ts";
export * from "./schemas/error.ts";
export * from "./schemas/funds.ts";
export * from "./schemas/login.ts";
export * from "./schemas/user.ts";
