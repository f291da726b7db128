/**
 * Why an operation of the operator was not done.
 * - `NOT_FOUND`: no such app, account or file.
 * - `REFUSED`: a value that was given cannot be stored.
 * - `EXISTS`: something has that name already.
 * - `IN_USE`: a server holds the database file.
 * - `DAMAGED`: a file is no database of a broker, or not a whole one.
 * - `OTHER_KEY`: a file was made with another broker key.
 * - `UNSUPPORTED`: the database is of a kind that has its own tools for this.
 */
export type AdminErrorCode = "NOT_FOUND" | "REFUSED" | "EXISTS" | "IN_USE" | "DAMAGED" | "OTHER_KEY" | "UNSUPPORTED";

/** Thrown by the operations of an operator. The message is for that person and says what to do next; it holds no secret. */
export class AdminError extends Error {
  readonly code: AdminErrorCode;

  constructor(code: AdminErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AdminError";
    this.code = code;
  }
}
