import { operationCaller } from "../operation.ts";
import { upstoxDialect } from "./dialect.ts";

/** Sends one operation of `upstoxRoutes`. */
export const callOperation = operationCaller(upstoxDialect);
