import QRCode from "qrcode";
import { describe, expect, it } from "vitest";
import { accountHomePage, totpDisablePage, totpEnrolmentPage } from "../../../src/pages/index.ts";
import { byId, formsOf, tagsNamed, textOf } from "../_html.ts";
import { accountHome, enrolment, form, pinAsked } from "../_views.ts";

describe("accountHomePage", () => {
  it("shows who is signed in, what waits, and whether an authenticator app is on", () => {
    const text = textOf(accountHomePage(accountHome));
    expect(text).toContain("Demo Customer 1 , Upstox user 7KAB12");
    expect(text).toContain("Approvals 1 waiting");
    expect(text).toContain("Authenticator app Off");
  });

  it("offers the switch that fits", () => {
    const on = accountHomePage({ ...accountHome, totp: { enabled: true, href: "/console/totp/off" } });
    expect(textOf(on)).toContain("Turn it off");
    expect(on).toContain('href="/console/totp/off"');
    expect(textOf(accountHomePage(accountHome))).toContain("Set it up");
  });

  it("signs out with a form, not with a link", () => {
    expect(formsOf(accountHomePage(accountHome))[0]).toContain('action="/console/sign-out"');
  });
});

describe("totpEnrolmentPage", () => {
  it("shows the key in groups of four for people who cannot scan", () => {
    expect(textOf(totpEnrolmentPage(enrolment))).toContain("JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP");
  });

  it("confirms with a code and the PIN in the first form", () => {
    const [first = ""] = formsOf(totpEnrolmentPage(enrolment));
    expect(byId(first, "otpNum").attributes.get("name")).toBe("otp");
    expect(byId(first, "pinCode").attributes.get("name")).toBe("pin");
  });

  it("draws the QR code as one path that covers exactly the dark modules", () => {
    const symbol = QRCode.create(enrolment.otpauthUri).modules;
    const modules = Array.from({ length: symbol.size }, (_row, y) =>
      Array.from({ length: symbol.size }, (_cell, x) => symbol.get(y, x) === 1),
    );
    const html = totpEnrolmentPage({ ...enrolment, modules });
    const svg = html.slice(html.indexOf('<svg class="qr"'), html.indexOf("</svg>", html.indexOf('<svg class="qr"')));
    expect(tagsNamed(svg, "path")).toHaveLength(1);
    expect(tagsNamed(svg, "svg")[0]?.attributes.get("viewBox")).toBe(`0 0 ${symbol.size + 8} ${symbol.size + 8}`);
    expect(paint(tagsNamed(svg, "path")[0]?.attributes.get("d") ?? "", symbol.size)).toEqual(modules);
  });
});

describe("totpDisablePage", () => {
  it("warns first and asks for the PIN", () => {
    const html = totpDisablePage({ ...form, asksFor: pinAsked, backHref: "/console" });
    expect(textOf(html)).toContain("You will be logged out everywhere");
    expect(byId(formsOf(html)[0] ?? "", "pinCode").attributes.get("name")).toBe("pin");
  });
});

/** Fills a matrix from the path's rectangles, quiet zone of four modules taken off. */
function paint(path: string, size: number): boolean[][] {
  const matrix = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
    for (let column = Number(x); column < Number(x) + Number(width); column++)
      matrix[Number(y) - 4]?.splice(column - 4, 1, true);
  return matrix;
}
