import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasActiveSegment } from "../../src/upstox/profile-data.ts";

describe("hasActiveSegment()", () => {
  const lookalikes = [
    '"is_active":true',
    '"is_active":false',
    '"exchanges":[]',
    '\\"is_active":true',
    '","is_active":true',
  ];
  const text = fc.oneof(fc.string(), fc.constantFrom(...lookalikes));
  const profile = fc.record({
    email: text,
    exchanges: fc.array(text, { maxLength: 2 }),
    products: fc.array(text, { maxLength: 2 }),
    broker: text,
    user_id: text,
    user_name: text,
    order_types: fc.array(text, { maxLength: 2 }),
    user_type: text,
    poa: fc.boolean(),
    ddpi: fc.boolean(),
    is_active: fc.boolean(),
  });

  it("reads two fields of a stored profile, whatever the others hold (property)", () => {
    fc.assert(
      fc.property(profile, (value) => {
        expect(hasActiveSegment(JSON.stringify(value))).toBe(value.is_active && value.exchanges.length > 0);
      }),
    );
  });
});
