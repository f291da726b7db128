import type { LookupAddress, LookupOptions } from "node:dns";
import { describe, expect, it } from "vitest";
import {
  AddressRefusedError,
  checkWebhookUrl,
  dnsResolve,
  guardedLookup,
  isPublicAddress,
  type Resolve,
} from "../../src/webhooks/address-guard.ts";

const strict = { allowLoopbackHttp: false };
const development = { allowLoopbackHttp: true };

/** One literal of every range of the IANA special-purpose registries, and of what else is not global unicast (S-66). */
const specialAddresses = [
  ["this network 0.0.0.0/8", "0.0.0.0", "0.1.2.3"],
  ["private 10.0.0.0/8", "10.0.0.1", "10.255.255.255"],
  ["shared address space 100.64.0.0/10", "100.64.0.1", "100.127.255.255"],
  ["loopback 127.0.0.0/8", "127.0.0.1", "127.255.255.254"],
  ["link-local 169.254.0.0/16, with the cloud metadata address", "169.254.169.254", "169.254.0.1"],
  ["private 172.16.0.0/12", "172.16.0.1", "172.31.255.255"],
  ["protocol assignments 192.0.0.0/24", "192.0.0.1", "192.0.0.192"],
  ["documentation 192.0.2.0/24", "192.0.2.1", "192.0.2.255"],
  ["AS112 192.31.196.0/24", "192.31.196.1", "192.31.196.255"],
  ["AMT 192.52.193.0/24", "192.52.193.1", "192.52.193.255"],
  ["6to4 relay anycast 192.88.99.0/24", "192.88.99.1", "192.88.99.255"],
  ["private 192.168.0.0/16", "192.168.0.1", "192.168.255.255"],
  ["direct delegation AS112 192.175.48.0/24", "192.175.48.1", "192.175.48.255"],
  ["benchmarking 198.18.0.0/15", "198.18.0.1", "198.19.255.255"],
  ["documentation 198.51.100.0/24", "198.51.100.1", "198.51.100.255"],
  ["documentation 203.0.113.0/24", "203.0.113.1", "203.0.113.255"],
  ["multicast 224.0.0.0/4", "224.0.0.1", "239.255.255.255"],
  ["reserved 240.0.0.0/4", "240.0.0.1", "255.255.255.254"],
  ["broadcast 255.255.255.255/32", "255.255.255.255", "255.255.255.255"],
  ["a cloud's virtual host 168.63.129.16", "168.63.129.16", "168.63.129.16"],
  ["unspecified ::/128", "::", "0:0:0:0:0:0:0:0"],
  ["loopback ::1/128", "::1", "0:0:0:0:0:0:0:1"],
  ["IPv4-compatible ::/96", "::127.0.0.1", "::8.8.8.8"],
  ["IPv4-mapped ::ffff:0:0/96", "::ffff:127.0.0.1", "::ffff:8.8.8.8"],
  ["IPv4-translated ::ffff:0:0:0/96", "::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8"],
  ["NAT64 64:ff9b::/96", "64:ff9b::7f00:1", "64:ff9b::8.8.8.8"],
  ["local NAT64 64:ff9b:1::/48", "64:ff9b:1::1", "64:ff9b:1:ffff::8.8.8.8"],
  ["discard-only 100::/64", "100::1", "100::ffff"],
  ["dummy prefix 100:0:0:1::/64", "100:0:0:1::1", "100:0:0:1::ffff"],
  ["Teredo 2001::/32", "2001::1", "2001:0:ffff::1"],
  ["protocol assignments 2001::/23", "2001:1::1", "2001:1ff::1"],
  ["benchmarking 2001:2::/48", "2001:2::1", "2001:2:0:ffff::1"],
  ["AMT 2001:3::/32", "2001:3::1", "2001:3:ffff::1"],
  ["AS112 2001:4:112::/48", "2001:4:112::1", "2001:4:112:ffff::1"],
  ["deprecated ORCHID 2001:10::/28", "2001:10::1", "2001:1f::1"],
  ["ORCHIDv2 2001:20::/28", "2001:20::1", "2001:2f::1"],
  ["drone remote id 2001:30::/28", "2001:30::1", "2001:3f::1"],
  ["documentation 2001:db8::/32", "2001:db8::1", "2001:db8:ffff::1"],
  ["6to4 2002::/16", "2002:7f00:1::", "2002:808:808::1"],
  ["direct delegation AS112 2620:4f:8000::/48", "2620:4f:8000::1", "2620:4f:8000:ffff::1"],
  ["documentation 3fff::/20", "3fff::1", "3fff:fff::1"],
  ["segment routing 5f00::/16", "5f00::1", "5f00:ffff::1"],
  ["not allocated 4000::/3", "4000::1", "5fff::1"],
  ["unique local fc00::/7", "fc00::1", "fdff:ffff::1"],
  ["link-local fe80::/10", "fe80::1", "febf::1"],
  ["site-local fec0::/10", "fec0::1", "feff::1"],
  ["multicast ff00::/8", "ff02::1", "ffff::1"],
] as const;

const publicAddresses = [
  "8.8.8.8",
  "1.1.1.1",
  "100.63.255.255",
  "172.15.255.255",
  "172.32.0.1",
  "2606:4700:4700::1111",
];

const lookupOf = (resolve: Resolve, allowLoopback = false) => {
  const lookup = guardedLookup(resolve, { allowLoopback });
  return (hostname: string, options: LookupOptions = { all: true }) =>
    new Promise<string | LookupAddress[]>((fulfil, reject) =>
      lookup(hostname, options, (error, address) => (error ? reject(error) : fulfil(address))),
    );
};

const answers =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));

describe("public addresses (S-66)", () => {
  it.each(specialAddresses)("refuses %s", (_range, first, last) => {
    expect(isPublicAddress(first)).toBe(false);
    expect(isPublicAddress(last)).toBe(false);
  });

  it.each(publicAddresses)("accepts %s", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    "127.1",
    "0x7f.1",
    "0177.0.0.1",
    "010.8.8.8",
    "2130706433",
    "8.8.8.8 ",
    "fe80::1%eth0",
    "2606:4700::1%1",
    "",
    "a",
  ])("refuses the odd spelling %j", (text) => {
    expect(isPublicAddress(text)).toBe(false);
  });
});

describe("webhook URL at registration (S-64)", () => {
  const outcome = (url: string, rules: Parameters<typeof checkWebhookUrl>[1] = strict) =>
    checkWebhookUrl(url, rules).outcome;

  it.each([
    "https://hooks.example.com/kunji",
    "https://hooks.example.com:443/kunji?account=1",
    "https://HOOKS.example.com",
    "https://xn--p1b6ci4b4b3a.example/",
    "https://8.8.8.8/hook",
    "https://[2606:4700:4700::1111]/hook",
  ])("accepts %s", (url) => {
    expect(outcome(url)).toBe("accepted");
  });

  it("gives back the parsed URL", () => {
    const check = checkWebhookUrl("https://HOOKS.example.com:443/a?b", strict);
    expect(check).toMatchObject({ outcome: "accepted", url: { href: "https://hooks.example.com/a?b" } });
  });

  it.each([
    ["another scheme", "ftp://hooks.example.com/"],
    ["plain http", "http://hooks.example.com/"],
    ["no scheme", "hooks.example.com"],
    ["one slash", "https:/hooks.example.com"],
    ["no host", "https:///path"],
    ["a user name", "https://user@hooks.example.com/"],
    ["a password", "https://user:password@hooks.example.com/"],
    ["an empty user part", "https://@hooks.example.com/"],
    ["a host hidden behind an at sign", "https://8.8.8.8@127.0.0.1/"],
    ["a fragment", "https://hooks.example.com/#part"],
    ["another port", "https://hooks.example.com:8443/"],
    ["http's port", "https://hooks.example.com:80/"],
    ["a port that is none", "https://hooks.example.com:99999/"],
    ["an empty port", "https://hooks.example.com:/"],
    ["a space", "https://hooks.example.com/a b"],
    ["a line feed", "https://hooks.example.com/\nX"],
    ["a tab in the host", "https://hooks.exa\tmple.com/"],
    ["a backslash", "https://hooks.example.com\\@127.0.0.1/"],
    ["non-ASCII letters", "https://hóoks.example.com/"],
    ["full-width digits", "https://１２７.0.0.1/"],
    ["a circled digit host", "https://①②⑦.0.0.1/"],
    ["percent-encoding in the host", "https://hooks%2eexample.com/"],
    ["a percent-encoded address", "https://%31%32%37.0.0.1/"],
    ["a single label", "https://intranet/"],
    ["a trailing full stop", "https://hooks.example.com./"],
    ["an empty label", "https://hooks..example.com/"],
    ["an underscore", "https://hooks_1.example.com/"],
    ["localhost", "https://localhost/"],
    ["a name under localhost", "https://a.localhost/"],
    ["an IPv6 zone", "https://[fe80::1%25eth0]/"],
    ["text beyond 512 characters", `https://hooks.example.com/${"a".repeat(490)}`],
    ["nothing", ""],
  ])("refuses %s", (_name, url) => {
    expect(outcome(url)).toBe("refused");
    expect(outcome(url, { allowLoopbackHttp: false, ports: [] })).toBe("refused");
  });

  it.each([
    "0x7f.1",
    "0x7f000001",
    "0x7f.0.0.1",
    "127.1",
    "127.0.1",
    "0177.0.0.1",
    "0177.1",
    "2130706433",
    "017700000001",
    "127.0.0.1.",
    "127.00.0.1",
    "134744072", // 8.8.8.8 as one number
    "8.8.2056",
    "010.8.8.8",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:8.8.8.8]",
    "[::127.0.0.1]",
  ])("refuses the odd host spelling %s, in development too (S-66)", (host) => {
    expect(outcome(`https://${host}/`)).toBe("refused");
    expect(outcome(`http://${host}/`, development)).toBe("refused");
  });

  it.each(specialAddresses)("refuses a literal of %s", (_range, address) => {
    const host = address.includes(":") ? `[${address}]` : address;
    expect(outcome(`https://${host}/hook`)).toBe("refused");
  });

  it("accepts a configured port, and still the default one", () => {
    const rules = { allowLoopbackHttp: false, ports: [8443] };
    expect(outcome("https://hooks.example.com:8443/", rules)).toBe("accepted");
    expect(outcome("https://hooks.example.com/", rules)).toBe("accepted");
    expect(outcome("https://hooks.example.com:8444/", rules)).toBe("refused");
  });

  it.each([
    "http://127.0.0.1:9000/hook",
    "http://localhost:9000/hook",
    "http://[::1]:9000/",
    "https://localhost:9000/",
  ])("accepts %s only in development", (url) => {
    expect(outcome(url, development)).toBe("accepted");
    expect(outcome(url)).toBe("refused");
  });

  it("opens nothing but loopback in development", () => {
    for (const host of ["hooks.example.com", "10.0.0.1", "127.0.0.2", "0.0.0.0", "a.localhost"]) {
      expect(outcome(`http://${host}/`, development), host).toBe("refused");
    }
  });
});

describe("lookup inside the connection (S-65)", () => {
  it("hands on all addresses when every one is public", async () => {
    expect(await lookupOf(answers("8.8.8.8", "2606:4700:4700::1111"))("hooks.example.com")).toEqual([
      { address: "8.8.8.8", family: 4 },
      { address: "2606:4700:4700::1111", family: 6 },
    ]);
  });

  it("hands on the first when the caller wants one", async () => {
    expect(await lookupOf(answers("8.8.8.8", "1.1.1.1"))("hooks.example.com", {})).toBe("8.8.8.8");
  });

  it("hands on only the family the caller wants, but checks the other as well", async () => {
    const mixed = answers("8.8.8.8", "2606:4700:4700::1111");
    expect(await lookupOf(mixed)("hooks.example.com", { family: 6 })).toBe("2606:4700:4700::1111");
    await expect(lookupOf(answers("8.8.8.8", "::1"))("hooks.example.com", { family: 4 })).rejects.toThrow(
      AddressRefusedError,
    );
    await expect(lookupOf(answers("8.8.8.8"))("hooks.example.com", { family: 6 })).rejects.toMatchObject({
      code: "ENOTFOUND",
    });
  });

  it.each(specialAddresses)("refuses a host in %s, alone or beside a public address", async (_range, address) => {
    for (const resolve of [answers(address), answers("8.8.8.8", address), answers(address, "8.8.8.8")]) {
      await expect(lookupOf(resolve)("hooks.example.com")).rejects.toThrow(AddressRefusedError);
    }
  });

  it("judges the very answer it hands on, when the name changes its mind between calls", async () => {
    const turns = [["8.8.8.8"], ["127.0.0.1"], ["8.8.4.4"]];
    let calls = 0;
    const lookup = lookupOf((hostname) => answers(...(turns[calls++] ?? []))(hostname));
    expect(await lookup("rebind.example")).toEqual([{ address: "8.8.8.8", family: 4 }]);
    expect(calls).toBe(1);
    await expect(lookup("rebind.example")).rejects.toThrow(AddressRefusedError);
    expect(await lookup("rebind.example")).toEqual([{ address: "8.8.4.4", family: 4 }]);
  });

  it("does not say which address it refused", async () => {
    await expect(lookupOf(answers("10.20.30.40"))("hooks.example.com")).rejects.toThrow(/^(?!.*10\.20\.30\.40).*$/s);
  });

  it("fails like a resolver when there is no address, and passes the resolver's own failure on", async () => {
    await expect(lookupOf(answers())("hooks.example.com")).rejects.toMatchObject({ code: "ENOTFOUND" });
    const broken = lookupOf(() => Promise.reject(Object.assign(new Error("no"), { code: "ESERVFAIL" })));
    await expect(broken("hooks.example.com")).rejects.toMatchObject({ code: "ESERVFAIL" });
  });

  it("lets only the name localhost have loopback addresses, and only in development", async () => {
    const loopback = answers("127.0.0.1", "::1");
    expect(await lookupOf(loopback, true)("localhost")).toHaveLength(2);
    await expect(lookupOf(loopback, false)("localhost")).rejects.toThrow(AddressRefusedError);
    await expect(lookupOf(loopback, true)("hooks.example.com")).rejects.toThrow(AddressRefusedError);
    await expect(lookupOf(answers("127.0.0.1", "10.0.0.1"), true)("localhost")).rejects.toThrow(AddressRefusedError);
  });
});

describe("DNS resolution", () => {
  const failure = Object.assign(new Error("no data"), { code: "ENODATA" });

  it("asks for both families and puts IPv4 first", async () => {
    const resolve = dnsResolve({ resolve4: async () => ["8.8.8.8"], resolve6: async () => ["2606:4700::1"] });
    expect(await resolve("hooks.example.com")).toEqual([
      { address: "8.8.8.8", family: 4 },
      { address: "2606:4700::1", family: 6 },
    ]);
  });

  it("makes do with one family", async () => {
    const resolve = dnsResolve({ resolve4: () => Promise.reject(failure), resolve6: async () => ["2606:4700::1"] });
    expect(await resolve("hooks.example.com")).toEqual([{ address: "2606:4700::1", family: 6 }]);
  });

  it("rejects when neither answers", async () => {
    const reject = () => Promise.reject(failure);
    await expect(dnsResolve({ resolve4: reject, resolve6: reject })("hooks.example.com")).rejects.toBe(failure);
    const nothing = async () => [];
    await expect(dnsResolve({ resolve4: nothing, resolve6: nothing })("hooks.example.com")).rejects.toMatchObject({
      code: "ENOTFOUND",
    });
  });

  it("knows localhost without asking", async () => {
    const never = () => Promise.reject(new Error("asked"));
    const addresses = await dnsResolve({ resolve4: never, resolve6: never })("localhost");
    expect(addresses.map(({ address }) => address)).toEqual(["127.0.0.1", "::1"]);
  });
});
