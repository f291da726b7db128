// A chart over time as SVG: panels one above the other that share the x axis; readable on light and dark pages.

const WIDTH = 960;
const LEFT = 64;
const RIGHT = 24;
const TOP = 56;
const PANEL = 150;
const GAP = 44;
const TICKS = 4;

const STYLE = `
  svg { color-scheme: light dark; font: 12px system-ui, sans-serif; }
  .ground { fill: #fff; } .text { fill: #1f2328; } .quiet { fill: #59636e; } .grid { stroke: #d1d9e0; }
  .mark { stroke: #59636e; stroke-dasharray: 4 4; }
  .a { --c: #0969da; } .b { --c: #1a7f37; } .c { --c: #bc4c00; } .d { --c: #cf222e; } .e { --c: #8250df; }
  .line { fill: none; stroke: var(--c); stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
  .area { fill: var(--c); opacity: .16; } .bar { fill: var(--c); } .key { fill: var(--c); }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; } .text { fill: #e6edf3; } .quiet { fill: #9198a1; } .grid { stroke: #30363d; }
    .mark { stroke: #9198a1; }
    .a { --c: #4493f8; } .b { --c: #3fb950; } .c { --c: #f0883e; } .d { --c: #f85149; } .e { --c: #ab7df8; }
  }`;

/**
 * @param chart `title`, `subtitle`, `description` for those who hear it, `ticks` of the x axis (`{ at, text }`, `at` from 0 to 1),
 * and `panels`: `{ title, unit, series: [{ name, colour: "a".."e", kind: "line" | "area" | "bars", values }], floor?, note? }`.
 * `values` lie evenly over the x axis; undefined is a gap. A tick with `isMark` is drawn through all panels. `floor` is the least top of the y axis.
 */
export function drawChart({ title, subtitle, description, ticks, panels }) {
  const height = TOP + panels.length * (PANEL + GAP) + 12;
  const body = panels.map((panel, index) => drawPanel(panel, TOP + index * (PANEL + GAP) + 20, ticks));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title description">
<title id="title">${escapeXml(title)}</title>
<desc id="description">${escapeXml(description)}</desc>
<style>${STYLE}</style>
<rect class="ground" width="${WIDTH}" height="${height}" rx="6"/>
<text class="text" x="${LEFT}" y="26" font-size="16" font-weight="600">${escapeXml(title)}</text>
<text class="quiet" x="${LEFT}" y="44">${escapeXml(subtitle)}</text>
${body.join("\n")}
</svg>
`;
}

function drawPanel({ title, unit, series, floor = 1, note }, top, ticks) {
  const most = niceTop(
    Math.max(floor, ...series.flatMap(({ values }) => values.filter((value) => value !== undefined))),
  );
  const y = (value) => top + PANEL - (value / most) * PANEL;
  const grid = Array.from({ length: TICKS + 1 }, (_, index) => {
    const value = (most * index) / TICKS;
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${round(y(value))}" y2="${round(y(value))}"/>
<text class="quiet" x="${LEFT - 8}" y="${round(y(value) + 4)}" text-anchor="end">${label(value)}</text>`;
  });
  const across = WIDTH - RIGHT - LEFT;
  const axis = ticks.map(
    ({ at, text }) =>
      `<text class="quiet" x="${round(LEFT + at * across)}" y="${top + PANEL + 16}" text-anchor="middle">${escapeXml(text)}</text>`,
  );
  const marks = ticks
    .filter(({ isMark }) => isMark)
    .map(({ at }) => round(LEFT + at * across))
    .map((x) => `<line class="mark" x1="${x}" x2="${x}" y1="${top}" y2="${top + PANEL}"/>`);
  const key = drawKey(series, top - 8);
  const heading = `<text class="text" x="${LEFT}" y="${top - 8}" font-weight="600">${escapeXml(title)} <tspan class="quiet" font-weight="400">${escapeXml(unit)}</tspan></text>`;
  const said = note
    ? [
        `<text class="quiet" x="${LEFT + across / 2}" y="${top + PANEL / 2}" text-anchor="middle">${escapeXml(note)}</text>`,
      ]
    : [];
  return [heading, key, ...grid, ...marks, ...series.map((each) => drawSeries(each, y, across)), ...axis, ...said].join(
    "\n",
  );
}

function drawKey(series, y) {
  let x = WIDTH - RIGHT;
  const parts = [];
  for (const { name, colour } of [...series].reverse()) {
    x -= name.length * 6.6;
    parts.push(`<text class="quiet" x="${round(x)}" y="${y}">${escapeXml(name)}</text>`);
    x -= 14;
    parts.push(`<rect class="key ${colour}" x="${round(x)}" y="${y - 9}" width="10" height="10" rx="2"/>`);
    x -= 16;
  }
  return parts.join("");
}

function drawSeries({ name, colour, kind, values }, y, across) {
  const step = across / values.length;
  const x = (index) => LEFT + (index + 0.5) * step;
  if (kind === "bars") {
    const bars = values.map((value, index) =>
      value === 0
        ? ""
        : `<rect class="bar ${colour}" x="${round(LEFT + index * step)}" y="${round(y(value))}" width="${round(Math.max(1, step - 1))}" height="${round(y(0) - y(value))}"/>`,
    );
    return `<g><title>${escapeXml(name)}</title>${bars.join("")}</g>`;
  }
  const runs = unbroken(values.map((value, index) => value !== undefined && [round(x(index)), round(y(value))]));
  const title = `<title>${escapeXml(name)}</title>`;
  return runs
    .map((run) => {
      // One point alone is drawn as a dot.
      const points = [...run, run.at(-1)].map((point) => point.join(",")).join(" ");
      const line = `<polyline class="line ${colour}" points="${points}">${title}</polyline>`;
      if (kind === "line") return line;
      const ground = `${run.at(-1)[0]},${round(y(0))} ${run[0][0]},${round(y(0))}`;
      return `<polygon class="area ${colour}" points="${points} ${ground}"/>${line}`;
    })
    .join("");
}

/** The stretches between gaps. */
function unbroken(points) {
  const runs = [[]];
  for (const point of points) {
    if (point) runs.at(-1).push(point);
    else runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}

/** The next of 1, 2, 4, 5, 8 times a power of ten: quarters of it are easy to read. */
function niceTop(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 5, 8, 10].find((each) => each * power >= value * 0.999);
  return step * power;
}

const label = (value) => Number(value.toFixed(value < 1 ? 2 : 1)).toLocaleString("en");
const round = (value) => Math.round(value * 10) / 10;
const escapeXml = (text) => String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
