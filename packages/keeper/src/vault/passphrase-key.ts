/**
 * Keys under a passphrase: scrypt over a random salt makes a key, and that seals the key ring, which the vault keeps
 * beside its entries (S-92). Changing the passphrase seals one small note anew.
 */
import { randomBytes, scrypt } from "node:crypto";
import { KeeperError } from "../keeper-error.ts";
import type { Secret } from "../secret.ts";
import { type KeyRing, readKeyRing, writeKeyRing } from "./key-ring.ts";
import { open, seal, type VaultKey, vaultKey } from "./sealed-box.ts";
import type { AskPassphrase, GivenPassphrases, KeyOwner, KeySource, PassphraseQuestion } from "./vault-key.ts";

/** OWASP's first choice for scrypt: 128 MiB and about a third of a second. */
const COST = { N: 2 ** 17, r: 8, p: 1 } as const;
const SALT_BYTES = 32;
const MIN_LENGTH = 12;

interface SealedRing {
  readonly salt: Buffer;
  readonly box: Buffer;
}

export function passphraseKeySource(
  owner: KeyOwner,
  given: GivenPassphrases,
  ask: AskPassphrase | undefined,
): KeySource {
  const note = `${owner.domain}.ring`;
  const context = (salt: Buffer) => ["key ring", owner.vault, owner.domain, salt.toString("hex")];
  const known = given[owner.domain] ?? given.main;
  let passphrase: Secret | undefined;
  /** What was derived last: reading back what was just written costs no second derivation. */
  let derived: Derived | undefined;

  const question = (reason: PassphraseQuestion["reason"]) =>
    ask?.({ place: owner.place, domain: owner.domain, reason });
  const need = async (reason: "open" | "create"): Promise<Secret> => {
    const answer = known ?? (await question(reason));
    if (answer === undefined) throw noPassphrase(owner);
    return answer;
  };

  return {
    name: "passphrase",
    where: "a passphrase",
    async load() {
      const bytes = await owner.notes.read(note);
      if (bytes === undefined) return undefined;
      const sealed = readSealedRing(bytes);
      if (sealed === undefined) {
        throw new KeeperError("VAULT_DAMAGED", `the key note ${note} of ${owner.place} is damaged`, {
          nextStep: "Nothing was changed. Put it back from a backup of the vault.",
        });
      }
      // Another process may have changed the passphrase: the one that worked, then the one meant to follow it.
      const candidates = [passphrase ?? (await need("open")), given.next].filter((each) => each !== undefined);
      for (const candidate of candidates) {
        const isKnown = candidate === derived?.passphrase && sealed.salt.equals(derived.salt);
        const attempt = isKnown && derived ? derived : await derive(candidate, sealed.salt);
        const ring = openRing(attempt.key, context(sealed.salt), sealed.box);
        if (ring === undefined) continue;
        passphrase = candidate;
        derived = attempt;
        return ring;
      }
      throw new KeeperError("VAULT_LOCKED", `the passphrase of the vault ${owner.place} is wrong`, {
        nextStep: "Nothing was changed. Try again with the passphrase the vault was made with.",
      });
    },
    async save(ring, occasion) {
      if (occasion === "create") passphrase = requireStrong(await need("create"));
      if (occasion === "rotate") passphrase = requireStrong(given.next ?? (await question("change")) ?? passphrase);
      if (passphrase === undefined) throw noPassphrase(owner);
      // The end of a rotation seals under the salt of its beginning.
      if (occasion !== "rotated" || derived === undefined) derived = await derive(passphrase, randomBytes(SALT_BYTES));
      const content = Buffer.from(writeKeyRing(ring), "utf8");
      const box = seal(derived.key, context(derived.salt), content, 0);
      content.fill(0);
      await owner.notes.replace(note, writeSealedRing({ salt: derived.salt, box }));
    },
  };
}

function openRing(key: VaultKey, context: readonly string[], box: Buffer): KeyRing | undefined {
  const content = open(key, context, box);
  const ring = content && readKeyRing(content.toString("utf8"));
  content?.fill(0);
  return ring;
}

interface Derived {
  readonly passphrase: Secret;
  readonly salt: Buffer;
  readonly key: VaultKey;
}

function derive(passphrase: Secret, salt: Buffer): Promise<Derived> {
  // Composed, so that the same letters typed on another system are the same bytes.
  const bytes = Buffer.from(passphrase.reveal().normalize("NFC"), "utf8");
  return new Promise((resolve, reject) => {
    scrypt(bytes, salt, 32, { ...COST, maxmem: 2 ** 28 }, (error, key) => {
      bytes.fill(0);
      if (error) reject(error);
      else resolve({ passphrase, salt, key: vaultKey(key) });
    });
  });
}

/** Salt and box one after the other. The cost is the format's own: a note cannot ask for a cheaper one. */
function writeSealedRing({ salt, box }: SealedRing): Buffer {
  return Buffer.concat([salt, box]);
}

function readSealedRing(bytes: Buffer): SealedRing | undefined {
  if (bytes.length <= SALT_BYTES) return undefined;
  return { salt: bytes.subarray(0, SALT_BYTES), box: bytes.subarray(SALT_BYTES) };
}

function requireStrong(passphrase: Secret | undefined): Secret | undefined {
  if (passphrase !== undefined && [...passphrase.reveal()].length < MIN_LENGTH) {
    throw new KeeperError("USAGE", `a vault's passphrase has at least ${MIN_LENGTH} characters`, {
      nextStep: "Four or five random words are easy to remember and long enough.",
    });
  }
  return passphrase;
}

function noPassphrase({ place, domain }: KeyOwner): KeeperError {
  const variable = domain === "main" ? "KUNJI_VAULT_PASSPHRASE" : "KUNJI_VAULT_FACTORS_PASSPHRASE";
  return new KeeperError("VAULT_LOCKED", `the vault ${place} needs its passphrase`, {
    nextStep: `Set ${variable}, or run Kunji in a terminal.`,
  });
}
