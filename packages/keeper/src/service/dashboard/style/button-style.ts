/** Forms and their buttons. */
export const buttonStyle = `/* Buttons */

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
