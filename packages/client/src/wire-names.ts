/**
 * The one place where wire names (snake_case) become property names (camelCase) and back.
 */

/** Names arrive again and again; unknown ones come from outside, so the memory is bounded (S-127). */
const remembered = new Map<string, string>();
const MAX_REMEMBERED = 1000;

/** `user_id` to `userId`. Upper-case names (`NSE_EQ`) and camelCase ones stay as they are. */
export function camelCase(wireName: string): string {
  const known = remembered.get(wireName);
  if (known !== undefined) return known;
  const name = wireName.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  if (remembered.size < MAX_REMEMBERED) remembered.set(wireName, name);
  return name;
}

/** `userId` to `user_id`; a name that is in snake_case already stays. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * A request body with every name in snake_case, whichever spelling the caller used; where both are there the
 * snake_case one wins. Names that are undefined are left out.
 */
export function toWireObject(body: object): Record<string, unknown> {
  const wire: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    if (value === undefined) continue;
    const wireName = snakeCase(name);
    if (wireName === name || !Object.hasOwn(body, wireName)) wire[wireName] = value;
  }
  return wire;
}
