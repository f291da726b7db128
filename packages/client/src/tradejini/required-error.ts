/** The generated SDK's error for an argument that is null or undefined. */
export class RequiredError extends Error {
  override readonly name = "RequiredError";
  /** Name of the argument. */
  readonly field: string;

  constructor(field: string, message?: string) {
    super(message);
    this.field = field;
  }
}

/** The error for the first of `args` that is missing, or undefined when all are there. */
export function missingArgument(operation: string, args: Readonly<Record<string, unknown>>): RequiredError | undefined {
  for (const [name, value] of Object.entries(args)) {
    if (value !== undefined && value !== null) continue;
    return new RequiredError(name, `Required parameter ${name} was null or undefined when calling ${operation}.`);
  }
  return undefined;
}
