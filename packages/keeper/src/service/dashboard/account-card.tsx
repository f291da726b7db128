import type { AccountProblem, AccountStatus } from "../../account-status.ts";
import { isReady } from "../keeper-for-service.ts";
import type { LoginFailure, LoginStep } from "../login-desk.ts";
import type { PastLogin } from "../login-history.ts";
import { istMoment, timeLeft } from "./time-text.ts";

/** What the dashboard knows of one account. */
export interface CardView {
  readonly account: AccountStatus;
  /** Of the login under way here. */
  readonly step: LoginStep | undefined;
  readonly failure: LoginFailure | undefined;
  /** Newest first. */
  readonly logins: readonly PastLogin[];
  /** Epoch milliseconds. */
  readonly now: number;
}

const SHOWN_LOGINS = 5;

const WAYS = { browser: "Login page", approval: "Approval on the phone", totp: "TOTP, by itself" } as const;

type State = "ready" | "soon" | "waiting" | "elsewhere" | "out" | "unusable";
const STATE_WORDS: Readonly<Record<State, string>> = {
  ready: "Ready",
  soon: "Ends soon",
  waiting: "Waiting for you",
  elsewhere: "Login under way",
  out: "Login needed",
  unusable: "Cannot be used",
};

export function AccountCard(props: CardView & { readonly csrf: string }) {
  const { account, step, failure, logins, now, csrf } = props;
  const id = `${account.broker}-${account.account}`;
  const state = stateOf(props);
  return (
    <li class="card-item" id={id}>
      <div class="card-head">
        <h2>
          {account.title} <span class="account-name">{account.account}</span>
        </h2>
        <span class={`badge ${state}`}>{STATE_WORDS[state]}</span>
      </div>
      {isReady(account) && <TimeLeft account={account} />}
      {step && <StepNotice step={step} account={account} now={now} />}
      {account.problem && <ProblemNotice problem={account.problem} />}
      {failure && !step && !account.problem && !isReady(account) && <FailureNotice failure={failure} />}
      <dl class="facts">
        {account.userId !== undefined && (
          <>
            <dt>User</dt>
            <dd>
              {account.userName === undefined ? "" : `${account.userName}, `}
              <span class="unbroken">{account.userId}</span>
            </dd>
          </>
        )}
        {account.way !== undefined && (
          <>
            <dt>Way in</dt>
            <dd>{WAYS[account.way]}</dd>
          </>
        )}
        {account.issuedAt !== undefined && (
          <>
            <dt>Logged in</dt>
            <dd>{istMoment(account.issuedAt)}</dd>
          </>
        )}
      </dl>
      {logins.length > 0 && <PastLogins id={id} logins={logins} />}
      <Buttons account={account} step={step} csrf={csrf} id={id} />
    </li>
  );
}

function stateOf({ account, step }: CardView): State {
  if (isReady(account)) return account.state === "expiring" ? "soon" : "ready";
  if (account.state === "unusable") return "unusable";
  if (step) return "waiting";
  return account.state === "logging-in" ? "elsewhere" : "out";
}

function TimeLeft({ account }: { readonly account: AccountStatus }) {
  const { title, secondsLeft, issuedAt = 0, expiresAt = 0, state } = account;
  return (
    <div class="time-left">
      <p>
        <strong>{timeLeft(secondsLeft)}</strong> left, until <span class="unbroken">{istMoment(expiresAt)}</span>
      </p>
      <progress
        class={state === "expiring" ? "soon" : undefined}
        value={secondsLeft}
        max={Math.max(1, expiresAt - issuedAt)}
        aria-label={`Time left for ${title} ${account.account}`}
      />
    </div>
  );
}

function StepNotice({ step, account, now }: { step: LoginStep; account: AccountStatus; now: number }) {
  if (step.kind === "starting") return <p class="notice info">Talking to {account.title}...</p>;
  const left = timeLeft(Math.max(0, (step.endsAt - now) / 1000));
  if (step.kind === "browser") {
    return (
      <p class="notice info">
        Log in on {account.title}'s page, {left} left.{" "}
        <a href={`/accounts/${account.broker}/${account.account}/continue`} target="_blank" rel="noopener">
          Open it again
        </a>
      </p>
    );
  }
  return (
    <div class="notice info">
      <p>
        <strong>Approve it on your phone</strong>, {left} left. {account.title} asks there whether this login is yours.
      </p>
      {step.matchNumber !== undefined && (
        <p>
          It shows or wants this number: <strong class="match-number">{step.matchNumber}</strong>
        </p>
      )}
      {step.warning !== undefined && <p>{step.warning}</p>}
    </div>
  );
}

function FailureNotice({ failure }: { failure: LoginFailure }) {
  return (
    <div class="notice error">
      <p>
        <strong>The last login did not work</strong>, <span class="unbroken">{istMoment(failure.at / 1000)}</span>.{" "}
        {sentence(failure.message)}
      </p>
      {failure.nextStep !== undefined && <p>{failure.nextStep}</p>}
    </div>
  );
}

function ProblemNotice({ problem }: { problem: AccountProblem }) {
  return (
    <div class="notice error">
      <p>{sentence(problem.message)}</p>
      {problem.nextStep !== undefined && <p>{problem.nextStep}</p>}
    </div>
  );
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const STARTED_BY = { person: "from here", schedule: "by the schedule", elsewhere: "by another program" } as const;

function PastLogins({ id, logins }: { readonly id: string; readonly logins: readonly PastLogin[] }) {
  return (
    <details id={`${id}-logins`}>
      <summary>Last logins</summary>
      <ol class="logins">
        {logins.slice(0, SHOWN_LOGINS).map(({ at, startedBy, outcome }) => (
          <li key={at}>
            <span class="unbroken">{istMoment(at)}</span>, {STARTED_BY[startedBy]}: {outcomeText(outcome)}
          </li>
        ))}
      </ol>
    </details>
  );
}

const OUTCOMES: Readonly<Partial<Record<PastLogin["outcome"], string>>> = {
  done: "worked",
  waiting: "not finished",
  stopped: "the keeper stopped meanwhile",
  LOGIN_TIMEOUT: "nobody answered in time",
  LOGIN_DENIED: "refused",
  LOGIN_FAILED: "the broker said no",
  WRONG_USER: "somebody else logged in",
  BROKER_UNREACHABLE: "the broker did not answer",
  CLOSED: "the broker was closed",
  WRONG_IP: "not from this address",
};

function outcomeText(outcome: PastLogin["outcome"]): string {
  return OUTCOMES[outcome] ?? "did not work";
}

interface ButtonsProps {
  readonly account: AccountStatus;
  readonly step: LoginStep | undefined;
  readonly csrf: string;
  readonly id: string;
}

function Buttons({ account, step, csrf, id }: ButtonsProps) {
  const path = `/accounts/${account.broker}/${account.account}`;
  const name = <span class="visually-hidden"> {`${account.title} ${account.account}`}</span>;
  if (isReady(account)) {
    return (
      // Two steps: a slip of the finger would stop every bot of this account.
      <details class="logout" id={`${id}-logout`}>
        <summary>Log out{name}</summary>
        <form method="post" action={`${path}/logout`}>
          <input type="hidden" name="csrf" value={csrf} />
          <p class="hint">Ends the session at {account.title} too: programs that use it are refused from then on.</p>
          <button class="secondary" type="submit" id={`${id}-logout-now`}>
            Log out now{name}
          </button>
        </form>
      </details>
    );
  }
  if (step || account.problem) return null;
  // The broker's page gets a tab of its own, this one stays and shows what comes of it.
  const tab = account.way === "browser" ? { target: "_blank", rel: "noopener" } : {};
  return (
    <form method="post" action={`${path}/login`} {...tab}>
      <input type="hidden" name="csrf" value={csrf} />
      <button class="primary" type="submit" id={`${id}-login`}>
        Log in{name}
      </button>
      {account.way === "browser" && <p class="hint">Opens {account.title}'s page in a new tab.</p>}
      {account.way === "approval" && <p class="hint">{account.title} then asks on your phone.</p>}
    </form>
  );
}
