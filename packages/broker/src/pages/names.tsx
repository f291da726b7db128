import { displayHost, displayName } from "./display-text.ts";

/** An untrusted name in running text. `bdi` keeps right-to-left letters from re-ordering the words around it (S-56). */
export function Name({ children }: { children: string }) {
  return <bdi class="name">{displayName(children)}</bdi>;
}

/** A host the browser is sent to, in a typeface that tells `l` from `1`. */
export function Host({ children }: { children: string }) {
  return <bdi class="host">{displayHost(children)}</bdi>;
}
