/** The dashboard's stylesheet: the family look of the broker's pages. Phone first (360 px), light and dark. */
export const dashboardStyle = `:root {
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

*,
::before,
::after {
  box-sizing: border-box;
}

html {
  -webkit-text-size-adjust: 100%;
  text-size-adjust: 100%;
}

body {
  margin: 0;
  min-height: 100vh;
  min-height: 100dvh;
  display: flex;
  flex-direction: column;
  background: var(--paper);
  color: var(--ink);
  font: 1rem/1.5 var(--text);
  overflow-wrap: anywhere;
}

h1,
h2,
p,
ul,
ol,
dl,
dd {
  margin: 0;
}

h1 {
  font-size: 1.5rem;
  line-height: 1.25;
  letter-spacing: -0.01em;
  text-wrap: balance;
}

h2 {
  font-size: 1.125rem;
  line-height: 1.35;
}

a {
  color: var(--accent);
  text-underline-offset: 0.2em;
}

a:hover {
  color: var(--accent-strong);
  text-decoration-thickness: 2px;
}

code {
  font-family: var(--mono);
  font-size: 0.9375em;
}

:focus-visible {
  outline: 3px solid var(--accent);
  outline-offset: 2px;
}

[hidden] {
  display: none;
}

.visually-hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

/* The frame */

.brand {
  display: flex;
  align-items: center;
  gap: 0.625rem;
  padding: 1rem;
  font-weight: 650;
  font-size: 1.0625rem;
  letter-spacing: 0.01em;
}

.logo-ground {
  fill: var(--logo-ground);
}

.logo-key {
  fill: var(--logo-key);
}

main {
  width: 100%;
  margin-inline: auto;
  padding: 1.5rem 1.125rem 1.75rem;
  background: var(--card);
  border-block: 1px solid var(--line);
}

.card main > * + * {
  margin-top: 1rem;
}

.site-footer {
  padding: 1rem 1.125rem 2rem;
  color: var(--soft);
  font-size: 0.8125rem;
  text-align: center;
}

@media (min-width: 30rem) {
  .card .brand {
    justify-content: center;
    padding-top: clamp(1.25rem, 7vh, 4rem);
  }

  .wide .brand {
    width: 100%;
    max-width: 62rem;
    margin-inline: auto;
    padding: 1.5rem 2rem 1rem;
  }

  .card main {
    max-width: 27rem;
    padding: 2rem;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    box-shadow: var(--shadow);
  }

  .wide main {
    max-width: 62rem;
    padding: 2rem 2rem 2.5rem;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    box-shadow: var(--shadow);
  }
}

@media (min-width: 30rem) and (max-width: 64rem) {
  .wide main {
    border-inline-width: 0;
    border-radius: 0;
  }
}

/* Words */

.lead {
  margin-top: 0.5rem;
  color: var(--soft);
}

.hint {
  color: var(--soft);
  font-size: 0.875rem;
}

.unbroken {
  white-space: nowrap;
}

.empty {
  margin-top: 1.5rem;
  padding: 1.5rem 1rem;
  border: 1px dashed var(--edge);
  border-radius: var(--radius-small);
  color: var(--soft);
  text-align: center;
}

.command {
  padding: 0.75rem 1rem;
  border-radius: var(--radius-small);
  background: var(--tint);
}

.notice {
  padding: 0.6875rem 0.875rem;
  border-inline-start: 4px solid currentcolor;
  border-radius: var(--radius-small);
  font-size: 0.9375rem;
}

.notice > * + * {
  margin-top: 0.375rem;
}

.notice a {
  color: inherit;
  font-weight: 600;
}

.notice.error {
  background: var(--error-ground);
  color: var(--error);
}

.notice.info {
  background: var(--info-ground);
  color: var(--info);
}

.match-number {
  font: 600 1.5rem/1 var(--mono);
  letter-spacing: 0.14em;
  vertical-align: -0.125em;
}

/* Accounts */

.cards {
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  gap: 1rem;
  margin-top: 1.5rem;
  padding: 0;
  list-style: none;
}

@media (min-width: 48rem) {
  .cards {
    grid-template-columns: repeat(2, minmax(0, 1fr));
  }
}

.card-item {
  display: flex;
  flex-direction: column;
  gap: 0.875rem;
  padding: 1.125rem;
  border: 1px solid var(--line);
  border-radius: var(--radius-small);
}

.card-item > form,
.card-item > .logout {
  margin-top: auto;
}

.card-head {
  display: flex;
  flex-wrap: wrap;
  align-items: baseline;
  justify-content: space-between;
  gap: 0.25rem 0.75rem;
}

.account-name {
  color: var(--soft);
  font-weight: 500;
}

.badge {
  padding: 0.0625rem 0.625rem;
  border-radius: 99px;
  font-size: 0.8125rem;
  font-weight: 600;
}

.badge.ready {
  background: var(--success-ground);
  color: var(--success);
}

.badge.soon {
  background: var(--warning-ground);
  color: var(--warning);
}

.badge.waiting,
.badge.elsewhere {
  background: var(--info-ground);
  color: var(--info);
}

.badge.out {
  background: var(--error-ground);
  color: var(--error);
}

.time-left p {
  font-size: 0.9375rem;
}

progress {
  display: block;
  width: 100%;
  height: 0.5rem;
  margin-top: 0.375rem;
  overflow: hidden;
  border: 0;
  border-radius: 99px;
  background: var(--line);
  color: var(--accent);
  appearance: none;
}

progress::-webkit-progress-bar {
  background: var(--line);
}

progress::-webkit-progress-value {
  border-radius: 99px;
  background: var(--accent);
}

progress::-moz-progress-bar {
  border-radius: 99px;
  background: var(--accent);
}

progress.soon::-webkit-progress-value {
  background: var(--warning);
}

progress.soon::-moz-progress-bar {
  background: var(--warning);
}

@media (forced-colors: active) {
  progress {
    border: 1px solid;
    appearance: auto;
  }

  .badge {
    border: 1px solid;
  }
}

.facts {
  display: grid;
  grid-template-columns: max-content minmax(0, 1fr);
  gap: 0.25rem 1rem;
  font-size: 0.9375rem;
}

.facts dt {
  color: var(--soft);
}

#away {
  margin-bottom: 1.25rem;
}

details {
  font-size: 0.9375rem;
}

.logout form {
  padding-top: 0.25rem;
}

summary {
  min-height: 2rem;
  padding-block: 0.25rem;
  color: var(--accent);
  font-weight: 600;
  cursor: pointer;
}

.logins {
  display: grid;
  gap: 0.25rem;
  padding: 0.25rem 0 0;
  color: var(--soft);
  list-style: none;
}

.notes {
  display: grid;
  gap: 0.25rem;
  margin-top: 1.75rem;
  padding-top: 1rem;
  border-top: 1px solid var(--line);
}

/* Buttons */

form {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.5rem 0.875rem;
}

button,
.button {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  min-height: 2.75rem;
  padding: 0.5rem 1.25rem;
  border: 1.5px solid transparent;
  border-radius: var(--radius-small);
  background: none;
  color: inherit;
  font: inherit;
  font-weight: 600;
  text-align: center;
  text-decoration: none;
  cursor: pointer;
  transition: background-color 120ms, border-color 120ms;
}

button:disabled {
  cursor: progress;
  opacity: 0.7;
}

.primary {
  background: var(--accent);
  color: var(--on-accent);
}

.primary:hover {
  background: var(--accent-strong);
  color: var(--on-accent);
}

.secondary {
  border-color: var(--edge);
  color: var(--ink);
}

.secondary:hover {
  background: var(--tint);
  border-color: var(--ink);
  color: var(--ink);
}

.quiet {
  padding-inline: 0;
  color: var(--accent);
  font-size: 0.9375rem;
}

.quiet:hover {
  color: var(--accent-strong);
  text-decoration: underline;
}

.card .button {
  width: 100%;
}
`;
