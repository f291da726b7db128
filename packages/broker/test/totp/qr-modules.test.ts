import { describe, expect, it } from "vitest";
import { qrModules } from "../../src/totp/qr-modules.ts";

/** The finder pattern that stands in three corners of every QR code (ISO/IEC 18004). */
const finder = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"];

function corner(modules: boolean[][], top: number, left: number): string[] {
  return modules.slice(top, top + 7).map((row) =>
    row
      .slice(left, left + 7)
      .map((dark) => (dark ? "#" : "."))
      .join(""),
  );
}

describe("QR code modules", () => {
  it("is square, with a finder pattern in three corners and not in the fourth", () => {
    const modules = qrModules("otpauth://totp/Kunji:7KAB12?issuer=Kunji&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    const far = modules.length - 7;
    expect(modules.every((row) => row.length === modules.length)).toBe(true);
    expect((modules.length - 17) % 4).toBe(0);
    expect(corner(modules, 0, 0)).toEqual(finder);
    expect(corner(modules, 0, far)).toEqual(finder);
    expect(corner(modules, far, 0)).toEqual(finder);
    expect(corner(modules, far, far)).not.toEqual(finder);
  });

  it("gives different text a different picture", () => {
    expect(qrModules("a")).not.toEqual(qrModules("b"));
  });

  it("refuses text that does not fit", () => {
    expect(() => qrModules("x".repeat(3_000))).toThrow();
    expect(() => qrModules("")).toThrow();
  });
});
