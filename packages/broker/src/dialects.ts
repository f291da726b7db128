import type { Dialect } from "./dialect.ts";
import { tradejiniDialect } from "./tradejini/dialect.ts";
import { upstoxDialect } from "./upstox/dialect.ts";

/** Every broker this server speaks for. The first answers for paths that are nobody's. */
export const dialects: readonly [Dialect, ...Dialect[]] = [upstoxDialect, tradejiniDialect];

export function dialectOfPath(path: string): Dialect {
  return dialects.find((dialect) => dialect.owns(path)) ?? dialects[0];
}

export function dialectNamed(name: string): Dialect | undefined {
  return dialects.find((dialect) => dialect.name === name);
}
