/** A name of one dialect that no other dialect can have: `upstox` and `getProfile` make `upstoxGetProfile`. */
export function nameInDialect(dialectName: string, name: string): string {
  return `${dialectName}${capitalized(name)}`;
}

/** As `nameInDialect`, the way types are written: `upstox` and `ProfileData` make `UpstoxProfileData`. */
export function typeNameInDialect(dialectName: string, title: string): string {
  return capitalized(nameInDialect(dialectName, title));
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
