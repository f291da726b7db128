/**
 * The keys of one vault: which to seal with, which to open with, and their rotation. Both kinds of vault use it.
 */
import { KeeperError } from "../keeper-error.ts";
import { domainOf, type KeyDomain } from "./entry-name.ts";
import { currentKey, findKey, freshKeyRing, type KeyRing, withFreshKey, withoutOldKeys } from "./key-ring.ts";
import type { VaultKey } from "./sealed-box.ts";
import type { EntryKind } from "./vault.ts";
import { chooseKeySource, KEY_SETTING, type KeyNotes, type KeySettings, type KeySource } from "./vault-key.ts";
import { freshManifest, type KeyRecord, readManifest, type VaultManifest, writeManifest } from "./vault-manifest.ts";

/** What the keys must know about the vault they are for. */
export interface KeyPlace {
  /** For messages. */
  readonly place: string;
  readonly notes: KeyNotes;
  /** Whether anything was sealed under the keys of this domain. */
  readonly hasEntries: (domain: KeyDomain) => Promise<boolean>;
  /** Rejects when others may write to the vault by now: asked before a key is stored outside of it. */
  readonly requireExclusive: () => Promise<void>;
  /** Several machines open it, so a keychain is not where its key goes unless somebody says so. */
  readonly isShared: boolean;
}

interface Domain {
  readonly source: KeySource;
  readonly ring: KeyRing;
}

/** "Exclusive" below: the caller keeps every other process from writing to the vault. */
export class VaultKeys {
  readonly #place: KeyPlace;
  readonly #settings: KeySettings;
  readonly #domains = new Map<KeyDomain, Domain>();
  /** Id of the vault that was opened: one that is replaced meanwhile by another, or vanishes, is not taken for it. */
  #vault: string | undefined;

  constructor(place: KeyPlace, settings: KeySettings) {
    this.#place = place;
    this.#settings = settings;
  }

  /** @returns whether the vault was made before and its main key was found; no lock needed */
  async tryOpen(): Promise<boolean> {
    const manifest = await this.#manifest();
    if (manifest?.main === undefined) return false;
    await this.#load(manifest, "main", manifest.main);
    return true;
  }

  /**
   * The current key of a kind, made when there has never been one. Exclusive.
   * @throws KeeperError `VAULT_LOCKED` rather than make a second key over existing entries (S-92)
   */
  async sealing(kind: EntryKind): Promise<VaultKey> {
    return await this.#sealing(domainOf(kind));
  }

  async #sealing(domain: KeyDomain): Promise<VaultKey> {
    const manifest = (await this.#manifest()) ?? (await this.#freshManifest());
    const record = manifest[domain];
    if (record === undefined) return currentKey((await this.#create(manifest, domain)).ring);
    const known = this.#domains.get(domain)?.ring;
    return (known && findKey(known, record.keyId)) ?? (await this.#load(manifest, domain, record)).key;
  }

  /**
   * The key that a box names. Other processes may have rotated: looks again before it gives up.
   * @returns undefined when the vault's keys are all here and none of them is the one: such a box is damaged
   * @throws KeeperError `VAULT_LOCKED` when the vault's own key is not here
   */
  async opening(kind: EntryKind, keyId: string): Promise<VaultKey | undefined> {
    const domain = domainOf(kind);
    const known = this.#domains.get(domain);
    const key = known && findKey(known.ring, keyId);
    if (key !== undefined) return key;
    const manifest = await this.#manifest();
    const record = manifest?.[domain];
    if (manifest === undefined || record === undefined) throw this.#locked(`has no ${domain} key any more`, undefined);
    return findKey((await this.#load(manifest, domain, record)).ring, keyId);
  }

  /**
   * Puts a fresh key before the old ones. Both are in the key source when this resolves, and everything that is
   * sealed from now on is sealed with the fresh one. Exclusive.
   */
  async beginRotation(domain: KeyDomain): Promise<void> {
    await this.#sealing(domain);
    const { source, ring } = this.#required(domain);
    const both = withFreshKey(ring);
    await source.save(both, "rotate");
    const manifest = await this.#reread(domain, source, both);
    await writeManifest(this.#place.notes, {
      ...manifest,
      [domain]: { source: source.name, keyId: currentKey(both).id } satisfies KeyRecord,
    });
  }

  /** Drops the old keys; only after everything was read back with the fresh one (S-95). Exclusive. */
  async endRotation(domain: KeyDomain): Promise<void> {
    const { source, ring } = this.#required(domain);
    const one = withoutOldKeys(ring);
    await source.save(one, "rotated");
    await this.#reread(domain, source, one);
  }

  /** Whether a domain has a key at all: the factors have none before something was stored under it. */
  async has(domain: KeyDomain): Promise<boolean> {
    return (await this.#manifest())?.[domain] !== undefined;
  }

  #required(domain: KeyDomain): Domain {
    const known = this.#domains.get(domain);
    if (known === undefined) throw new TypeError(`the ${domain} key was not opened`);
    return known;
  }

  async #load(manifest: VaultManifest, domain: KeyDomain, record: KeyRecord): Promise<Domain & { key: VaultKey }> {
    const source = this.#domains.get(domain)?.source ?? (await this.#source(manifest, domain));
    const ring = await source.load();
    if (ring === undefined) throw this.#locked(`was made with the key ${record.keyId}, which is missing`, source);
    this.#requireOwn(manifest, ring, source);
    const key = findKey(ring, record.keyId);
    if (key === undefined) {
      // A rotation may have begun and ended between the two looks: then the manifest names another key by now.
      const current = await this.#manifest();
      const now = current?.[domain];
      if (current !== undefined && now !== undefined && now.keyId !== record.keyId) {
        return await this.#load(current, domain, now);
      }
      throw this.#locked(`is sealed with the key ${record.keyId}, and another one was found`, source);
    }
    this.#domains.set(domain, { source, ring });
    return { source, ring, key };
  }

  /** The manifest names no key yet. A ring that is there was made by a process that died before it could say so. */
  async #create(manifest: VaultManifest, domain: KeyDomain): Promise<Domain> {
    const source = await this.#source(manifest, domain);
    let ring = await source.load();
    if (ring === undefined) {
      if (await this.#place.hasEntries(domain)) throw this.#locked("holds entries, but their key is missing", source);
      ring = freshKeyRing(manifest.vault);
      await source.save(ring, "create");
    }
    this.#requireOwn(manifest, ring, source);
    await this.#reread(domain, source, ring);
    const record: KeyRecord = { source: source.name, keyId: currentKey(ring).id };
    await writeManifest(this.#place.notes, { ...manifest, [domain]: record });
    return this.#required(domain);
  }

  async #manifest(): Promise<VaultManifest | undefined> {
    const manifest = await readManifest(this.#place.notes, this.#place.place);
    if (this.#vault !== undefined && manifest?.vault !== this.#vault) {
      throw this.#locked("was moved away or replaced while it was open", undefined);
    }
    this.#vault = manifest?.vault;
    return manifest;
  }

  async #freshManifest(): Promise<VaultManifest> {
    if ((await this.#place.hasEntries("main")) || (await this.#place.hasEntries("factors"))) {
      throw this.#locked("holds entries, but has lost its manifest", undefined);
    }
    const manifest = freshManifest();
    // Before the key: a key that exists must find the vault it was made for again.
    await writeManifest(this.#place.notes, manifest);
    return manifest;
  }

  /** A key counts as kept only when its source gives it back. */
  async #reread(domain: KeyDomain, source: KeySource, expected: KeyRing): Promise<VaultManifest> {
    const ring = await source.load();
    if (ring === undefined || expected.keys.some(({ id }) => findKey(ring, id) === undefined)) {
      throw this.#locked("was not changed: its key did not come back as it was stored", source);
    }
    this.#domains.set(domain, { source, ring });
    const manifest = await this.#manifest();
    if (manifest === undefined) throw this.#locked("has lost its manifest", undefined);
    return manifest;
  }

  #source(manifest: VaultManifest, domain: KeyDomain): Promise<KeySource> {
    const owner = { ...this.#place, vault: manifest.vault, domain };
    return chooseKeySource(this.#settings, owner, manifest[domain]?.source);
  }

  #requireOwn(manifest: VaultManifest, ring: KeyRing, source: KeySource): void {
    if (ring.vault !== manifest.vault) {
      throw this.#locked(`is the vault ${manifest.vault}, and the key that was found is of ${ring.vault}`, source);
    }
  }

  #locked(what: string, source: KeySource | undefined): KeeperError {
    const looked = source === undefined ? "" : ` (looked in ${source.where})`;
    return new KeeperError("VAULT_LOCKED", `the vault ${this.#place.place} ${what}${looked}`, {
      nextStep: `Nothing was changed. Put the key back, or say with ${KEY_SETTING.main} or ${KEY_SETTING.factors} where it is. Without its key a vault opens for nobody: move it away to begin a new one.`,
    });
  }
}
