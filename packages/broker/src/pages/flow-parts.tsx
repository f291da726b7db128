/** Parts that the steps of a login share: why the person is here, and what is being allowed. */
import { Host, Name } from "./names.tsx";
import type { ConsentView, FlowView } from "./page-view.ts";

/** Why the person is here, in one sentence. */
export function Purpose({ view }: { view: FlowView }) {
  if (view.clientName === undefined) return <p class="lead">Log in to manage your account.</p>;
  return (
    <p class="lead">
      <Name>{view.clientName}</Name> asks you to log in.
      {view.redirectHost && (
        <>
          {" "}
          Afterwards you go back to <Host>{view.redirectHost}</Host>.
        </>
      )}
    </p>
  );
}

/** What the person allows: who, what, how long, and where they go afterwards (S-58). */
export function Consent({ view }: { view: ConsentView }) {
  return (
    <section id="consent" class="consent" aria-label="What you allow">
      <p>
        <Name>{view.clientName ?? ""}</Name> will be able to:
      </p>
      <ul>
        {view.permissions.map((permission) => (
          <li key={permission}>{permission}</li>
        ))}
      </ul>
      <dl class="facts">
        <dt>Access lasts</dt>
        <dd>{view.endsAt}</dd>
        {view.redirectHost && (
          <>
            <dt>You go back to</dt>
            <dd>
              <Host>{view.redirectHost}</Host>
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}
