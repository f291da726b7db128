/**
 * Reads the JSON that the keeper stores: one version, known fields, nothing guessed. What is damaged is refused with
 * words that repeat nothing of it.
 */
import { KeeperError } from "./keeper-error.ts";

/** Fields of a record, read one by one. */
export interface RecordFields {
  readonly text: (name: string) => string;
  readonly optionalText: (name: string) => string | undefined;
  /** A finite number that is not negative, or any finite number with `signed`. */
  readonly number: (name: string, sign?: "signed") => number;
  /** Finite numbers that are not negative; none when it is missing. */
  readonly numbers: (name: string) => readonly number[];
  readonly flag: (name: string) => boolean;
  readonly oneOf: <T extends string>(name: string, values: readonly T[]) => T;
  /** A record inside this one. */
  readonly optionalFields: (name: string) => RecordFields | undefined;
}

/**
 * @param what names the record in messages: `the session of upstox/default`
 * @param version the one this code writes
 * @throws KeeperError `VAULT_DAMAGED`
 */
export function readRecord(content: string, what: string, version: number): RecordFields {
  const fields = fieldsOf(parse(content, what), what);
  const written = fields.number("version");
  if (written > version) {
    throw new KeeperError("VAULT_DAMAGED", `${what} was written by a newer Kunji (format ${written})`, {
      nextStep: "Update Kunji on this machine.",
    });
  }
  if (written !== version) throw damaged(what, "version");
  return fields;
}

function parse(content: string, what: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    // Without the cause: its message quotes the text.
    throw damaged(what);
  }
}

function fieldsOf(value: unknown, what: string): RecordFields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw damaged(what);
  const read = (name: string): unknown =>
    Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
  const optionalText = (name: string): string | undefined => {
    const field = read(name);
    if (field !== undefined && (typeof field !== "string" || field === "")) throw damaged(what, name);
    return field as string | undefined;
  };
  const isNumber = (field: unknown): field is number =>
    typeof field === "number" && Number.isFinite(field) && field >= 0;
  return {
    optionalText,
    text(name) {
      const field = optionalText(name);
      if (field === undefined) throw damaged(what, name);
      return field;
    },
    number(name, sign) {
      const field = read(name);
      const good = typeof field === "number" && Number.isFinite(field) && (field >= 0 || sign === "signed");
      if (!good) throw damaged(what, name);
      return field;
    },
    numbers(name) {
      const list = read(name) ?? [];
      if (!Array.isArray(list) || !list.every(isNumber)) throw damaged(what, name);
      return list;
    },
    flag(name) {
      const field = read(name);
      if (typeof field !== "boolean") throw damaged(what, name);
      return field;
    },
    oneOf(name, values) {
      const found = values.find((value) => value === read(name));
      if (found === undefined) throw damaged(what, name);
      return found;
    },
    optionalFields(name) {
      const field = read(name);
      return field === undefined ? undefined : fieldsOf(field, what);
    },
  };
}

function damaged(what: string, field?: string): KeeperError {
  const where = field === undefined ? "" : ` at "${field}"`;
  return new KeeperError("VAULT_DAMAGED", `${what} cannot be read: it is damaged${where}`, {
    nextStep: "Restore the vault from a copy, or remove the account and add it again: kunji accounts remove",
  });
}
