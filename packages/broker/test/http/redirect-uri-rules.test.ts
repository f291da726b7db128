import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkRedirectUri, matchRedirectUri } from "../../src/http/redirect-uri-rules.ts";

const web = { native: false };
const native = { native: true };

describe("registration of a redirect URI (S-03, S-04)", () => {
  it.each([
    "https://desk.example.in/upstox/callback",
    "https://desk.example.in",
    "https://desk.example.in:8443/cb?tenant=1&x=%C3%A9",
    "https://xn--bcher-kva.example/cb",
    "https://203.0.113.9/cb",
    "https://[2001:db8::1]:8443/cb",
    "https://a.example/.well-known/..hidden/a..b/...",
    "https://a.example/cb?codes=1&error_uri=2&xstate=3",
    "https://a.example/cb.php?a=https://b.example/@x",
    "https://localhost/cb",
  ])("accepts %s", (uri) => {
    expect(checkRedirectUri(uri, web)).toBeUndefined();
  });

  it.each([
    ["http://127.0.0.1/cb"],
    ["http://127.0.0.1:7475/callback"],
    ["http://[::1]:7475/callback"],
    ["http://localhost:7475/callback"],
  ])("accepts %s for native apps or where loopback is allowed, and not otherwise", (uri) => {
    expect(checkRedirectUri(uri, native)).toBeUndefined();
    expect(checkRedirectUri(uri, { native: false, allowLoopbackHttp: true })).toBeUndefined();
    expect(checkRedirectUri(uri, web)).toBe("not-https");
  });

  it.each([
    ["", "forbidden-character"],
    ["http://desk.example.in/cb", "not-https"],
    ["HTTPS://desk.example.in/cb", "not-https"],
    ["//desk.example.in/cb", "not-https"],
    ["javascript:alert(1)", "not-https"],
    ["data:text/html,x", "not-https"],
    ["com.example.app:/cb", "not-https"],
    ["http://127.0.0.2/cb", "not-https"],
    ["http://127.0.0.1.evil.example/cb", "not-https"],
    ["http://localhost.evil.example/cb", "not-https"],
    ["https://user@desk.example.in/cb", "userinfo"],
    ["https://user:pw@desk.example.in/cb", "userinfo"],
    ["http://localhost:pw@evil.example/cb", "userinfo"],
    ["https://desk.example.in/cb#", "fragment"],
    ["https://desk.example.in/cb#x", "fragment"],
    ["https://*.example.in/cb", "wildcard"],
    ["https://desk.example.in/*", "wildcard"],
    ["https://desk.example.in/a/../cb", "dot-segment"],
    ["https://desk.example.in/./cb", "dot-segment"],
    ["https://desk.example.in/a/%2e%2E/cb", "dot-segment"],
    ["https://desk.example.in/..", "dot-segment"],
    ["https://desk.example.in\\cb", "forbidden-character"],
    ["https://desk.example.in/c b", "forbidden-character"],
    ["https://desk.example.in/\tcb", "forbidden-character"],
    ["https://desk.example.in/\r\ncb", "forbidden-character"],
    ["https://desk.example.in/\0", "forbidden-character"],
    ["https://d\u00e9sk.example.in/cb", "forbidden-character"],
    ["https://desk\u200b.example.in/cb", "forbidden-character"],
    ["https://desk\uff0eexample.in/cb", "forbidden-character"],
    ['https://desk.example.in/"', "forbidden-character"],
    ["https://desk.example.in/[x]", "forbidden-character"],
    ["https://desk.example.in/%zz", "bad-encoding"],
    ["https://desk.example.in/%ff", "bad-encoding"],
    ["https://desk.example.in/%0d%0a", "bad-encoding"],
    ["https://desk.example.in/cb?a=%00", "bad-encoding"],
    ["https:///cb", "bad-host"],
    ["https://?x", "bad-host"],
    ["https://desk..example.in/", "bad-host"],
    ["https://desk.example.in./", "bad-host"],
    ["https://-desk.example.in/", "bad-host"],
    ["https://desk_x.example.in/", "bad-host"],
    ["https://Desk.example.in/", "bad-host"],
    ["https://127.1/cb", "bad-host"],
    ["https://2130706433/cb", "bad-host"],
    ["https://0x7f.0.0.0x1/cb", "bad-host"],
    ["https://256.1.1.1/cb", "bad-host"],
    ["https://desk%2eexample.in/", "bad-host"],
    ["https://[::1/cb", "bad-host"],
    ["https://[::1%25eth0]/cb", "bad-host"],
    ["https://[x]/cb", "bad-host"],
    ["https://[::1]x/cb", "bad-host"],
    [`https://${"a".repeat(64)}.example/`, "bad-host"],
    ["https://desk.example.in:/cb", "bad-port"],
    ["https://desk.example.in:0/cb", "bad-port"],
    ["https://desk.example.in:080/cb", "bad-port"],
    ["https://desk.example.in:65536/cb", "bad-port"],
    ["https://desk.example.in:80:80/cb", "bad-port"],
    ["https://desk.example.in/cb?code=1", "reserved-query-key"],
    ["https://desk.example.in/cb?a=1&state", "reserved-query-key"],
    ["https://desk.example.in/cb?a=1;error=2", "reserved-query-key"],
    ["https://desk.example.in/cb?%69ss=1", "reserved-query-key"],
    ["https://desk.example.in/cb?+Code=1", "reserved-query-key"],
  ])("refuses %j: %s", (uri, problem) => {
    expect(checkRedirectUri(uri, native)).toBe(problem);
  });

  it("takes 512 bytes and refuses 513", () => {
    const sized = (size: number) => "https://a.example/".padEnd(size, "x");
    expect(checkRedirectUri(sized(512), web)).toBeUndefined();
    expect(checkRedirectUri(sized(513), web)).toBe("too-long");
  });

  it("accepts nothing that a browser would send elsewhere than it reads (property)", () => {
    const piece = fc.constantFrom(
      "a",
      ".",
      "/",
      ":",
      "@",
      "?",
      "#",
      "\\",
      "%2e",
      "[",
      "]",
      "1",
      "0x7f",
      "127.0.0.1",
      "*",
      "&",
      "code=",
      "-",
      "\t",
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 12 }), (pieces) => {
        const uri = `https://${pieces.join("")}`;
        if (checkRedirectUri(uri, web) !== undefined) return;
        const { href, host, username, hash } = new URL(uri);
        // The browser's reading differs from the text by nothing but the empty path and the default port.
        const authority = uri.slice(8).split(/[/?]/)[0] ?? "";
        expect(authority.replace(/:443$/, "")).toBe(host);
        expect([username, hash]).toEqual(["", ""]);
        expect(href.replace("/", "")).toBe(
          uri
            .replace(/:443(?=[/?]|$)/, "")
            .replace(/^(https:\/\/[^/?]+)(?=\?|$)/, "$1/")
            .replace("/", ""),
        );
      }),
      { numRuns: 2000 },
    );
  });
});

describe("matching of a received redirect URI (S-01, S-02)", () => {
  const registered = "https://desk.example.in/cb";

  it("finds the registered URI among several", () => {
    const uris = ["https://a.example/", registered, "http://127.0.0.1:7475/callback"];
    for (const uri of uris) expect(matchRedirectUri(uri, uris, web)).toBe(uri);
    expect(matchRedirectUri(registered, [], web)).toBeUndefined();
  });

  it.each([
    "https://desk.example.in/cb/",
    "https://desk.example.in/CB",
    "https://DESK.example.in/cb",
    "HTTPS://desk.example.in/cb",
    "http://desk.example.in/cb",
    "https://desk.example.in:443/cb",
    "https://desk.example.in./cb",
    "https://desk.example.in//cb",
    "https://desk.example.in/./cb",
    "https://desk.example.in/x/../cb",
    "https://desk.example.in/%63b",
    "https://desk.example.in/cb?",
    "https://desk.example.in/cb?a=1",
    "https://desk.example.in/cb#",
    "https://desk.example.in\\cb",
    "https:/desk.example.in/cb",
    "https://user@desk.example.in/cb",
    "https://desk.example.in@evil.example/cb",
    "https://desk.example.in.evil.example/cb",
    " https://desk.example.in/cb",
    "https://desk.example.in/cb ",
    "https://desk.example.in/c\tb",
    "https://desk.example.in/cb\n",
    "https://desk.example.in/cb\0",
    "https://desk\uff0eexample.in/cb",
    "https://\uff44esk.example.in/cb",
    "https://desk.example\u200b.in/cb",
    "https://desk.example\u00ad.in/cb",
    "",
  ])("refuses the look-alike %j", (received) => {
    expect(matchRedirectUri(received, [registered], web)).toBeUndefined();
    expect(matchRedirectUri(received, [registered], native)).toBeUndefined();
  });

  it("refuses every string but the registered one (property)", () => {
    const edit = fc.tuple(fc.nat(registered.length), fc.string({ unit: "binary", maxLength: 3 }), fc.nat(3));
    fc.assert(
      fc.property(edit, fc.boolean(), ([at, inserted, removed], isNative) => {
        const received = registered.slice(0, at) + inserted + registered.slice(at + removed);
        const match = matchRedirectUri(received, [registered], { native: isNative });
        expect(match).toBe(received === registered ? registered : undefined);
      }),
    );
  });
});

describe("loopback with any port, for native apps (S-04)", () => {
  it.each(["http://127.0.0.1:7475/callback", "http://[::1]/callback?x=1", "http://127.0.0.1"])(
    "lets %s come with every port and with none",
    (uri) => {
      const [, origin = "", rest = ""] = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]))(?::\d+)?(.*)$/.exec(uri) ?? [];
      for (const port of ["", ":1", ":80", ":7475", ":49152", ":65535"]) {
        const received = `${origin}${port}${rest}`;
        expect(matchRedirectUri(received, [uri], native)).toBe(received);
        expect(matchRedirectUri(received, [uri], web)).toBe(received === uri ? uri : undefined);
      }
    },
  );

  it("matches localhost exactly or not at all", () => {
    const uri = "http://localhost:7475/callback";
    expect(matchRedirectUri(uri, [uri], native)).toBe(uri);
    expect(matchRedirectUri("http://localhost:7476/callback", [uri], native)).toBeUndefined();
    expect(matchRedirectUri("http://127.0.0.1:7475/callback", [uri], native)).toBeUndefined();
  });

  it.each([
    "http://127.0.0.1:0/callback",
    "http://127.0.0.1:65536/callback",
    "http://127.0.0.1:07475/callback",
    "http://127.0.0.1:0x50/callback",
    "http://127.0.0.1:+80/callback",
    "http://127.0.0.1:80 /callback",
    "http://127.0.0.1:\u0661/callback",
    "http://127.0.0.1:/callback",
    "http://127.0.0.1:80@evil.example/callback",
    "http://127.0.0.1@evil.example/callback",
    "http://127.0.0.1:80.evil.example/callback",
    "http://127.0.0.1.evil.example/callback",
    "http://127.0.0.1:80\\@evil.example/callback",
    "http://127.0.0.1:80#@evil.example/callback",
    "http://127.0.0.1:80?/callback",
    "http://127.0.0.1:80//callback",
    "http://127.0.0.1:80/callback/",
    "http://127.0.0.1:80/Callback",
    "https://127.0.0.1:80/callback",
    "HTTP://127.0.0.1:80/callback",
    "http://127.1:80/callback",
    "http://0x7f.0.0.1:80/callback",
    "http://2130706433:80/callback",
    "http://[::1]:80/callback",
    "http://localhost:80/callback",
  ])("refuses %j", (received) => {
    expect(matchRedirectUri(received, ["http://127.0.0.1:7475/callback"], native)).toBeUndefined();
  });

  it("differs from what is registered in the port and in nothing else (property)", () => {
    const uri = "http://127.0.0.1:7475/callback";
    const middle = fc.stringMatching(/^[:@./?#0-9a-f\\[\]]{0,8}$/);
    fc.assert(
      fc.property(middle, (text) => {
        const received = `http://127.0.0.1${text}/callback`;
        const match = matchRedirectUri(received, [uri], native);
        const isPort = text === "" || (/^:[1-9]\d{0,4}$/.test(text) && Number(text.slice(1)) <= 65_535);
        expect(match).toBe(isPort ? received : undefined);
        if (match !== undefined) expect(new URL(match).hostname).toBe("127.0.0.1");
      }),
      { numRuns: 1000 },
    );
  });
});
