import type { Randomness } from "./crypto/random.ts";
import type { Flow } from "./store/clients.ts";

/** A person, as whoever runs the broker registers one. */
export interface Person {
  /** What the broker calls the person: a user id or client code. */
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  /** Indian mobile number, ten digits. SMS codes go there. */
  readonly mobile: string;
  /** Asked for when the PIN or password was forgotten; undefined: nobody can recover it on their own. */
  readonly pan: string | undefined;
}

/** What the account row keeps of a person, in the dialect's own shapes. */
export interface PersonRecord {
  readonly userId: string;
  /** What the person types first at the login. */
  readonly loginName: string;
  /** Wire objects, stored as JSON text. */
  readonly profile: object;
  readonly funds: object;
}

/** A person as the account row has them. */
export interface StoredPerson {
  readonly loginName: string;
  /** JSON text, in the dialect's own shape. */
  readonly profile: string;
}

/** What a broker says about registering apps and people with it. Problems are sentences for whoever registers. */
export interface Registration {
  /** Ways in which its apps may obtain tokens; the first is what an app has unless told otherwise. */
  readonly flows: readonly [Flow, ...Flow[]];
  /** A client id or API key as the broker's look. */
  readonly newClientId: (random: Randomness) => string;
  /** Whether addresses can be registered that an app has to call from. */
  readonly hasAppAddresses: boolean;
  /** What is wrong with a user id or client code; undefined when nothing is. */
  readonly userIdProblem: (userId: string) => string | undefined;
  /** What is wrong with a new PIN or password. */
  readonly secretProblem: (secret: string) => string | undefined;
  readonly recordOf: (person: Person) => PersonRecord;
  readonly mobileOf: (person: StoredPerson) => string;
  /** The same person with another mobile number; the login name changes where it is the number. */
  readonly withMobile: (person: StoredPerson, mobile: string) => StoredPerson;
}
