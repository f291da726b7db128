import { create } from "qrcode";

/**
 * Lays `text` out as a QR code (error correction M).
 * @returns rows from the top, `true` = dark. Square, without the quiet zone: the drawer adds four light modules
 * on each side.
 * @throws Error when the text is empty or longer than a QR code can hold.
 */
export function qrModules(text: string): boolean[][] {
  const { modules } = create(text, { errorCorrectionLevel: "M" });
  return Array.from({ length: modules.size }, (_, row) =>
    Array.from({ length: modules.size }, (_, column) => modules.get(row, column) === 1),
  );
}
