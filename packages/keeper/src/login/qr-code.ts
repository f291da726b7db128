/**
 * The login page's address for a phone, and what a phone needs to know.
 */
import { loopbackAddress } from "./loopback-address.ts";

/**
 * A QR code out of half blocks, black on white whatever the terminal's colours.
 * @param columns width of the terminal
 * @returns undefined when it would be wider than that
 */
export async function qrCode(url: string, columns: number): Promise<string | undefined> {
  const { default: qrcode } = await import("qrcode");
  // The lowest level of correction makes the smallest code; a screen is neither torn nor dirty.
  const { modules } = qrcode.create(url, { errorCorrectionLevel: "L" });
  if (modules.size + 2 > columns) return undefined;
  return await qrcode.toString(url, { type: "terminal", small: true, errorCorrectionLevel: "L" });
}

/**
 * How a login on another device - a phone, or a browser far from this terminal - comes back.
 * @param redirectUri as registered
 */
export function otherDeviceHint(redirectUri: string): string {
  const there = loopbackAddress(redirectUri)
    ? `${redirectUri}, which only this machine can open, so the browser there will show an error. That is fine`
    : redirectUri;
  return `On another device the login ends at ${there}: copy the whole address out of its address bar and paste it here.`;
}
