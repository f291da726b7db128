import { expect } from "vitest";
import { HttpFault, type HttpFaultKind } from "../../src/http/http-fault.ts";

/** The fault that `run` throws; fails when it throws anything else or nothing. */
export function faultOf(run: () => unknown): HttpFault {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(HttpFault);
    if (error instanceof HttpFault) return error;
  }
  throw new Error("no fault was thrown");
}

export function expectKind(run: () => unknown, kind: HttpFaultKind): void {
  expect(faultOf(run).kind).toBe(kind);
}
