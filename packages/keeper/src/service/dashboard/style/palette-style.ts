/** Colours, fonts and corners, light and dark: the family look of the broker's pages. */
export const paletteStyle = `:root {
  color-scheme: light dark;
  --paper: #f4f3ee;
  --card: #fff;
  --ink: #1a2424;
  --soft: #55605f;
  --line: #dcdad2;
  --edge: #78827f;
  --accent: #0f5c61;
  --accent-strong: #0a474b;
  --on-accent: #fff;
  --tint: #eef4f3;
  --error: #a4201a;
  --error-ground: #fdeeec;
  --info: #1b4c7c;
  --info-ground: #eaf2fa;
  --success: #1a6638;
  --success-ground: #e7f4eb;
  --warning: #744700;
  --warning-ground: #fcf2da;
  --logo-ground: #17494d;
  --logo-key: #f2c879;
  --shadow: 0 1px 2px rgb(20 40 40 / 6%), 0 8px 28px rgb(20 40 40 / 7%);
  --radius: 14px;
  --radius-small: 9px;
  --text: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Devanagari", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "Roboto Mono", "Noto Sans Mono", "DejaVu Sans Mono", monospace;
}

@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0e1414;
    --card: #172020;
    --ink: #e8eeec;
    --soft: #a5b2af;
    --line: #2d3938;
    --edge: #7d8c89;
    --accent: #7fd0c8;
    --accent-strong: #a3e2db;
    --on-accent: #06201f;
    --tint: #1d2a2a;
    --error: #ffb4ab;
    --error-ground: #3a1917;
    --info: #a9cfff;
    --info-ground: #15293d;
    --success: #94dba9;
    --success-ground: #13301e;
    --warning: #f6cd7a;
    --warning-ground: #33270c;
    --logo-ground: #205a5e;
    --shadow: 0 0 0 1px rgb(255 255 255 / 4%);
  }
}

`;
