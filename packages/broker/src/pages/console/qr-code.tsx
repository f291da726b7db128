/** Modules of white the standard asks for around the code (ISO/IEC 18004). */
const quietZone = 4;

/**
 * A QR code as inline SVG: one path, no image, no style attribute, so the page policy stays closed (S-53). Always dark on
 * white, in dark mode as well: many scanners do not read inverted codes.
 * @param modules rows of the square matrix, `true` is dark.
 */
export function QrCode({ modules, label }: { modules: readonly (readonly boolean[])[]; label: string }) {
  const size = modules.length + 2 * quietZone;
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} shape-rendering="crispEdges" role="img" aria-label={label}>
      <rect width={size} height={size} fill="#fff" />
      <path d={modules.map(darkRuns).join("")} fill="#000" />
    </svg>
  );
}

/** One rectangle for each run of dark modules in a row. */
function darkRuns(row: readonly boolean[], y: number): string {
  let path = "";
  for (let x = 0; x < row.length; x++) {
    if (!row[x]) continue;
    const start = x;
    while (row[x + 1]) x++;
    const length = x - start + 1;
    path += `M${start + quietZone} ${y + quietZone}h${length}v1h-${length}z`;
  }
  return path;
}
