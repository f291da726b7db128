import { describe, expect, it } from "vitest";
import { GroupLocks, lockNumber } from "../../../src/store/postgres/group-locks.ts";

describe("GroupLocks", () => {
  it("gives a name to one at a time, and all names of one who is done to the others", () => {
    const locks = new GroupLocks<number>();
    expect(["a", "b", "a"].map((name) => locks.take(name, 1))).toEqual(["new", "new", "held"]);
    expect(["a", "c"].map((name) => locks.take(name, 2))).toEqual(["taken", "new"]);
    locks.release(1);
    expect(["a", "b", "c"].map((name) => locks.take(name, 3))).toEqual(["new", "new", "taken"]);
    expect(locks.take("c", 2)).toBe("held");
    locks.release(1);
    expect(locks.take("a", 2)).toBe("taken");
  });
});

describe("the number of a name", () => {
  it("is 64 bits of its SHA-256, the same in every process", () => {
    expect(lockNumber("abc")).toBe(BigInt.asIntN(64, 0xba7816bf8f01cfean).toString());
  });

  it("differs where 32 bits of a simple sum meet: these two do", () => {
    // FNV-1a of both is 0x5e4daa9d.
    expect(lockNumber("costarring")).not.toBe(lockNumber("liquid"));
  });
});
