/** An envelope whose `d` is a list, whether it came as one, as a single object or, with `no-data`, not at all. */
export function withList(envelope: object): object & { d: readonly unknown[] } {
  const { d } = (envelope ?? {}) as { d?: unknown };
  return { ...envelope, d: Array.isArray(d) ? d : d === undefined || d === null ? [] : [d] };
}
