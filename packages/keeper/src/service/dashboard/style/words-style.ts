/** Hints, commands and notices. */
export const wordsStyle = `/* Words */

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

`;
