import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import { send } from '../api/client.ts';
import { useAttention } from '../api/run-queries.ts';
import type { AttentionAction, AttentionItem } from '../api/types.ts';
import '../runs.css';
import { Failure } from './failure.tsx';
import { words } from './words.ts';

/** What needs a person, each with what happened, what to do, and a button that does it. */
export function Needs() {
  const { data, error } = useAttention();
  return (
    <section aria-labelledby="needs">
      <h2 id="needs">Needs you</h2>
      <Failure error={error} />
      {data?.items.length === 0 && <p className="empty">Nothing needs you.</p>}
      <ul className="needs">
        {data?.items.map((item) => (
          <Need key={`${item.kind} ${item.id}`} item={item} />
        ))}
      </ul>
      {data !== undefined && data.more > 0 && <p className="quiet">And {words.whole(data.more)} more.</p>}
    </section>
  );
}

function Need({ item }: { readonly item: AttentionItem }) {
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: (action: AttentionAction) => send<{ run_id: string }>(...requestOf(action)),
    onSettled: () => client.invalidateQueries(),
  });
  const { title, detail, advice, at, run_id: runId, action } = item;
  return (
    <li className="card trouble">
      <strong>{runId === null ? title : <Link href={`/runs/${runId}`}>{title}</Link>}</strong>
      <span>
        {detail} {at !== null && <span className="quiet">Started {words.here(at)}.</span>}
      </span>
      <span>{advice}</span>
      {action !== null && (
        <span className="actions">
          <button
            type="button"
            disabled={act.isPending}
            aria-label={`${action.label}: ${title}`}
            onClick={() => act.mutate(action)}
          >
            {action.label}
          </button>
          {act.data !== undefined && (
            <span role="status">
              Begun. <Link href={`/runs/${act.data.run_id}`}>Watch it</Link>
            </span>
          )}
        </span>
      )}
      <Failure error={act.error} />
    </li>
  );
}

function requestOf(action: AttentionAction): [path: string, body: object] {
  if (action.kind === 'import') return ['/api/processing/import/trigger', action.trigger];
  return [`/api/processing/import/${action.kind}`, { run_id: action.run_id }];
}
