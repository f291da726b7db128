import type { Readable } from "node:stream";
import { CommandError, exitCodes } from "../command-error.ts";

const MOST_CHARACTERS = 16_384;

/** What only the person may know. */
export interface PersonSecrets {
  /** PIN or password. */
  readonly secret: string;
  readonly pan?: string | undefined;
}

/**
 * Reads secrets of a person from a pipe: one JSON object, `{"pin":"..."}` or `{"password":"..."}`, with `pan` where it is
 * asked for. They never stand in argv, where every user of the machine could read them (S-79).
 * @param name of the secret at this broker
 * @throws CommandError that names fields, never values
 */
export async function readPersonSecrets(input: Readable, name: "PIN" | "password"): Promise<PersonSecrets> {
  const field = name.toLowerCase();
  let text = "";
  for await (const chunk of input) {
    text += String(chunk);
    if (text.length > MOST_CHARACTERS) throw refusal("more than 16 kB came from stdin");
  }
  const value = parse(text);
  const unknown = Object.keys(value).find((key) => key !== field && key !== "pan");
  if (unknown !== undefined) throw refusal(`stdin held a field that is neither ${field} nor pan`);
  const { [field]: secret, pan } = value;
  if (typeof secret !== "string" || secret === "") throw refusal(`stdin held no ${field}`);
  if (pan !== undefined && typeof pan !== "string") throw refusal("pan must be a text");
  return { secret, pan };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // The parser's own message would repeat what was given.
  }
  throw refusal("stdin held no JSON object");
}

function refusal(why: string): CommandError {
  return new CommandError(exitCodes.usedWrongly, `The secrets could not be read: ${why}.`);
}
