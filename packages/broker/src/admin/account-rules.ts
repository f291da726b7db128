import type { Dialect } from "../dialect.ts";
import { readPan } from "../login/recover-pin.ts";
import { displayNameLimit } from "../pages/display-text.ts";
import type { Person } from "../registration.ts";
import { AdminError } from "./admin-error.ts";
import { isShowable } from "./client-rules.ts";

const MOBILE = /^[6-9][0-9]{9}$/;
/** One at sign with something on both sides: the message that arrives is the proof. */
const EMAIL = /^[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,190}$/;

/** @throws AdminError `REFUSED` with everything that is wrong */
export function requirePerson({ registration }: Dialect, person: Omit<Person, "pan">): void {
  const { userId, name, email, mobile } = person;
  const problems = [
    registration.userIdProblem(userId),
    isShowable(name) ? undefined : `A name has 1 to ${displayNameLimit} characters on one line, all of them visible.`,
    EMAIL.test(email) ? undefined : "The e-mail address is none.",
    mobileProblem(mobile),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new AdminError("REFUSED", problems.join(" "));
}

/** @throws AdminError `REFUSED` */
export function requireMobile(mobile: string): void {
  const problem = mobileProblem(mobile);
  if (problem) throw new AdminError("REFUSED", problem);
}

function mobileProblem(mobile: string): string | undefined {
  if (MOBILE.test(mobile)) return undefined;
  return "A mobile number has ten digits, without +91, and begins with 6, 7, 8 or 9.";
}

/** @throws AdminError `REFUSED`; what was given is not repeated */
export function requireSecret({ registration }: Dialect, secret: string): void {
  const problem = registration.secretProblem(secret);
  if (problem) throw new AdminError("REFUSED", problem);
}

/** @returns the PAN as it is printed; undefined for nobody's. @throws AdminError `REFUSED` */
export function readPersonPan(text: string | undefined): string | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const pan = readPan(text);
  if (pan === undefined) throw new AdminError("REFUSED", "A PAN has five letters, four digits and a letter.");
  return pan;
}
