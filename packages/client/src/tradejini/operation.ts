import { operationCaller } from "../operation.ts";
import { tradejiniDialect } from "./dialect.ts";

/** Sends one operation of `tradejiniRoutes`. */
export const callOperation = operationCaller(tradejiniDialect);
