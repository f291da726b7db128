/** How a command ends (design.md section 5). */
export const exitCodes = { done: 0, failed: 1, usedWrongly: 2, loginNeeded: 3, brokerUnreachable: 4 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends a command with a sentence for the person who ran it, on stderr and without a stack. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CommandError";
    this.exitCode = exitCode;
  }
}

/** A command that was used wrongly: everything that is wrong, in one message. */
export function usageError(problems: readonly string[]): CommandError {
  const [first = "", ...more] = problems;
  return new CommandError(
    exitCodes.usedWrongly,
    more.length === 0
      ? first
      : `${problems.length} things are wrong:\n${problems.map((text) => `  - ${text}`).join("\n")}`,
  );
}
