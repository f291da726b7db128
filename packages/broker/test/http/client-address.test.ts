import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAddressReader, throttleKey } from "../../src/http/client-address.ts";

describe("the caller's address (S-51)", () => {
  it("is the socket's when no proxy is listed, whatever the header claims", () => {
    const reader = createAddressReader();
    expect(reader.read("203.0.113.9", "198.51.100.1")).toBe("203.0.113.9");
    expect(reader.read("::ffff:203.0.113.9", "198.51.100.1")).toBe("203.0.113.9");
    expect(reader.read("2001:DB8:0:0:0:0:0:1", undefined)).toBe("2001:db8::1");
    expect(reader.read("fe80::1%eth0", undefined)).toBe("fe80::1");
    expect(reader.read(undefined, "198.51.100.1")).toBe("unknown");
  });

  const reader = createAddressReader(["10.0.0.0/8", "2001:db8:f::/48", "192.0.2.7"]);

  it.each([
    ["one proxy", "10.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["a forged entry left of the true one", "10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"],
    ["two listed proxies", "10.0.0.1", "1.2.3.4, 198.51.100.1, 192.0.2.7", "198.51.100.1"],
    ["a listed address claimed beyond an unlisted one", "10.0.0.1", "10.9.9.9, 198.51.100.1", "198.51.100.1"],
    ["only proxies", "10.0.0.1", "10.0.0.2", "10.0.0.2"],
    ["no header", "10.0.0.1", undefined, "10.0.0.1"],
    ["an empty header", "10.0.0.1", "", "10.0.0.1"],
    ["several headers", "10.0.0.1", ["1.2.3.4", "198.51.100.1"], "198.51.100.1"],
    ["an unlisted socket", "203.0.113.9", "198.51.100.1", "203.0.113.9"],
    ["a mapped proxy", "::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["an IPv6 caller in long form", "2001:db8:f::1", "2001:0DB8:0:1:0:0:0:9", "2001:db8:0:1::9"],
    ["a mapped caller", "10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"],
    ["no address", "10.0.0.1", "198.51.100.1, unknown", "10.0.0.1"],
    ["an address with a port", "10.0.0.1", "198.51.100.1:80", "10.0.0.1"],
    ["a short spelling", "10.0.0.1", "127.1", "10.0.0.1"],
    ["a hexadecimal spelling", "10.0.0.1", "0x7f.0.0.1", "10.0.0.1"],
    ["text with a line break", "10.0.0.1", "1.2.3.4\r\n", "1.2.3.4"],
  ])("behind proxies, with %s", (_name, socket, header, address) => {
    expect(reader.read(socket, header)).toBe(address);
  });

  it.each(["10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/a", "proxy.example", "", "127.1", "::1/129", "10.0.0.1/8.5"])(
    "refuses the proxy entry %j",
    (entry) => {
      expect(() => createAddressReader([entry])).toThrow(TypeError);
    },
  );
});

describe("throttleKey (S-51)", () => {
  it.each([
    ["203.0.113.9", "203.0.113.9"],
    ["::ffff:203.0.113.9", "203.0.113.9"],
    ["::ffff:cb00:7109", "203.0.113.9"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2::", "2001:db8:1:2::/64"],
    ["::1", "::/64"],
    ["unknown", "unknown"],
  ])("of %s is %s", (address, key) => {
    expect(throttleKey(address)).toBe(key);
  });

  it("does not change while the host part of an IPv6 address does (property)", () => {
    const part = fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16));
    const host = fc.tuple(part, part, part, part);
    fc.assert(
      fc.property(host, host, host, (network, one, other) => {
        const key = (rest: string[]) => throttleKey([...network, ...rest].join(":"));
        fc.pre(network.some((p) => p !== "0"));
        expect(key(one)).toBe(key(other));
      }),
    );
  });
});
