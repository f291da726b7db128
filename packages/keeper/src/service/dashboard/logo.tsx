const GROUND = "#17494d";
const KEY = "#f2c879";
const KEY_PATH =
  "M11 10.2a5.8 5.8 0 1 1 0 11.6 5.8 5.8 0 0 1 0-11.6Zm0 3.2a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2Z" +
  "M15.5 14.4H27v6.4h-3.2v-3.2h-1.6v2.4H19v-2.4h-3.5Z";

/** Kunji means key: a key in a rounded square. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false">
      <rect class="logo-ground" width="32" height="32" rx="9" />
      <path class="logo-key" fill-rule="evenodd" d={KEY_PATH} />
    </svg>
  );
}

/** The same as a file. */
export const logoFile =
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><title>Kunji</title>` +
  `<rect width="32" height="32" rx="9" fill="${GROUND}"/><path fill="${KEY}" fill-rule="evenodd" d="${KEY_PATH}"/></svg>`;
