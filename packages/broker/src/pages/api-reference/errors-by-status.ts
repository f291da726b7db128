import type { Route } from "@kunji/contract";

/** The catalogue of a dialect: code to status and text. */
export type ErrorCatalogue = Readonly<Record<string, { readonly status: number; readonly message: string }>>;

/** One error status of an operation, with the codes that travel under it. */
export interface StatusErrors {
  readonly status: number;
  /** What the status means here; empty when the operation does not say. */
  readonly description: string;
  readonly codes: readonly { readonly code: string; readonly message: string }[];
}

/**
 * Groups what can go wrong with an operation by HTTP status, lowest first: the statuses it declares, and those its codes
 * have in the catalogue. A text of the operation's own (`errorTexts`) wins over the catalogue's.
 */
export function errorsByStatus(route: Route, catalogue: ErrorCatalogue): StatusErrors[] {
  const declared = Object.keys(route.responses).map(Number);
  const listed = route.errors.map((code) => catalogue[code]?.status ?? unknownStatus);
  const statuses = new Set([...declared, ...listed].filter((status) => status >= 400));
  return [...statuses]
    .sort((one, other) => one - other)
    .map((status) => ({
      status,
      description: route.responses[status]?.description ?? "",
      codes: route.errors
        .filter((code) => catalogue[code]?.status === status)
        .map((code) => ({ code, message: route.errorTexts?.[code] ?? catalogue[code]?.message ?? "" })),
    }));
}

/** A code that is not in the catalogue is a mistake of the contract, and its own tests say so; here it is left out. */
const unknownStatus = 0;
