/** The cards of the accounts: state, time left, facts, last logins. */
export const accountStyle = `/* Accounts */

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

.badge.out,
.badge.unusable {
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

`;
