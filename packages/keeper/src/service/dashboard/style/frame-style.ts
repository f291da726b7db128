/** What every page has: the text itself, the header, the sheet it stands on, the footer. Phone first (360 px). */
export const frameStyle = `*,
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

`;
