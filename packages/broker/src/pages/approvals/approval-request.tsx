/** An app asked for a token without a browser (protocol/upstox.md section 5); the account's owner decides here. */
import { Field, NoticeLine, PostForm, pinInput } from "../form-parts.tsx";
import { layout } from "../layout.tsx";
import { Name } from "../names.tsx";
import type { FormView } from "../page-view.ts";
import { safeHref } from "../safe-href.ts";

export interface ApprovalRequestView extends FormView {
  readonly clientName: string;
  /** The owner's name or user id. */
  readonly accountName: string;
  readonly requestedAt: string;
  /** When the request lapses. */
  readonly expiresAt: string;
  /** When the access ends, once given (S-58). */
  readonly endsAt: string;
  readonly permissions: readonly string[];
  /** Ask for the number that the app shows, so that nobody approves a request he did not start (security.md D6). */
  readonly matchNumberRequired: boolean;
  /** The list of approvals. */
  readonly backHref: string;
}

/** One approval request. Fields `number` (when required) and `pin`; `decision` is `approve` or `deny`. */
export function approvalRequestPage(view: ApprovalRequestView): string {
  return layout({
    view,
    title: "Allow access?",
    width: "card",
    notice: view.notice,
    children: (
      <>
        <h1>Allow access?</h1>
        <RequestFacts view={view} />
        <NoticeLine notice={view.notice} />
        <PostForm action={view.action} csrf={view.csrf}>
          {view.matchNumberRequired && (
            <Field
              id="matchNumber"
              name="number"
              label="Number shown by the app"
              hint="No number, or you did not start this? Choose Reject."
              describedBy="request"
              notice={view.notice}
              first
              focus={false}
              input={{
                type: "text",
                class: "digits",
                inputmode: "numeric",
                autocomplete: "off",
                pattern: "[0-9]{1,6}",
              }}
            />
          )}
          <Field
            id="pinCode"
            name="pin"
            label={`6-digit ${view.brokerName} PIN`}
            describedBy="request"
            notice={view.notice}
            first={!view.matchNumberRequired}
            focus={false}
            input={pinInput}
          />
          <div class="choices">
            <button type="submit" class="primary" name="decision" value="approve">
              Approve
            </button>
            {/* No PIN is needed to say no. */}
            <button type="submit" class="secondary" name="decision" value="deny" formnovalidate>
              Reject
            </button>
          </div>
        </PostForm>
        <p class="asides">
          <a class="quiet" href={safeHref(view.backHref)}>
            Decide later
          </a>
        </p>
      </>
    ),
  });
}

function RequestFacts({ view }: { view: ApprovalRequestView }) {
  return (
    <section id="request" class="consent" aria-label="The request">
      <p>
        <Name>{view.clientName}</Name> asks for access to the {view.brokerName} account of{" "}
        <Name>{view.accountName}</Name>. It will be able to:
      </p>
      <ul>
        {view.permissions.map((permission) => (
          <li key={permission}>{permission}</li>
        ))}
      </ul>
      <dl class="facts">
        <dt>Access lasts</dt>
        <dd>{view.endsAt}</dd>
        <dt>Asked</dt>
        <dd>{view.requestedAt}</dd>
        <dt>Decide before</dt>
        <dd>{view.expiresAt}</dd>
      </dl>
    </section>
  );
}
