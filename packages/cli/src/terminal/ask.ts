import { CommandError, exitCodes } from "../command-error.ts";

/** Questions to the person at the terminal. Each throws a CommandError when the person gives up. */
export interface Ask {
  readonly text: (question: string, options?: TextQuestion) => Promise<string>;
  /** Typed without echo; never shown again. */
  readonly secret: (question: string) => Promise<string>;
  readonly choice: <T extends string>(question: string, choices: readonly Choice<T>[]) => Promise<T>;
  readonly confirm: (question: string) => Promise<boolean>;
}

export interface TextQuestion {
  readonly initial?: string | undefined;
  readonly hint?: string | undefined;
  /** @returns what is wrong, or undefined */
  readonly check?: ((answer: string) => string | undefined) | undefined;
}

export interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly hint?: string | undefined;
}

/** Asks on the terminal; what is asked goes to stderr, so that stdout holds results only. */
export async function openAsk(): Promise<Ask> {
  const prompts = await import("@clack/prompts");
  const output = process.stderr;
  const answerOf = <T>(answer: T | symbol): T => {
    if (prompts.isCancel(answer)) throw new CommandError(exitCodes.failed, "Nothing was changed.");
    return answer as T;
  };
  return {
    async text(question, { initial, hint, check } = {}) {
      const message = hint === undefined ? question : `${question} (${hint})`;
      const options = {
        message,
        output,
        validate: (answer: string | undefined) => check?.((answer ?? "").trim()),
        ...(initial === undefined ? {} : { initialValue: initial }),
      };
      return answerOf<string>(await prompts.text(options)).trim();
    },
    async secret(question) {
      const validate = (answer: string | undefined) => ((answer ?? "") === "" ? "It cannot be empty." : undefined);
      return answerOf<string>(await prompts.password({ message: question, output, validate })).trim();
    },
    async choice(question, choices) {
      const options = choices.map(({ value, label, hint }) => ({
        value: value as string,
        label,
        ...(hint ? { hint } : {}),
      }));
      const answer = answerOf<string>(await prompts.select({ message: question, options, output }));
      return answer as (typeof choices)[number]["value"];
    },
    async confirm(question) {
      return answerOf<boolean>(await prompts.confirm({ message: question, output, initialValue: false }));
    },
  };
}
