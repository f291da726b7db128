import { requireAccountName } from "../account.ts";
import type { EntryKind, EntryName } from "./vault.ts";

const KINDS: readonly string[] = ["account", "session", "pending", "factors"] satisfies EntryKind[];

/** Which of the two keys seals an entry: the factors have one of their own, which may be kept elsewhere (S-78). */
export type KeyDomain = "main" | "factors";

export const KEY_DOMAINS: readonly KeyDomain[] = ["main", "factors"];

export function domainOf(kind: EntryKind): KeyDomain {
  return kind === "factors" ? "factors" : "main";
}

export function isEntryKind(text: string): text is EntryKind {
  return KINDS.includes(text);
}

/** @throws TypeError on a name that could lead out of the vault or be mistaken for another */
export function requireEntryName({ kind, broker, account }: EntryName): EntryName {
  if (!isEntryKind(kind)) throw new TypeError("an entry is of kind account, session, pending or factors");
  return { kind, broker: requireAccountName(broker), account: requireAccountName(account) };
}

/** `upstox/default session`: an entry in messages. */
export function entryLabel({ kind, broker, account }: EntryName): string {
  return `${broker}/${account} ${kind}`;
}

/** What no name of a broker or account holds, and every file system allows. */
const BETWEEN = "~";
const SUFFIX = ".sealed";

/** `upstox~default~session.sealed`. */
export function entryFile(name: EntryName): string {
  const { kind, broker, account } = requireEntryName(name);
  return `${broker}${BETWEEN}${account}${BETWEEN}${kind}${SUFFIX}`;
}

/** @returns undefined for every file that is not an entry */
export function readEntryFile(file: string): EntryName | undefined {
  if (!file.endsWith(SUFFIX)) return undefined;
  const [broker = "", account = "", kind = "", ...rest] = file.slice(0, -SUFFIX.length).split(BETWEEN);
  if (rest.length > 0 || !isEntryKind(kind)) return undefined;
  try {
    return requireEntryName({ kind, broker, account });
  } catch {
    return undefined;
  }
}
