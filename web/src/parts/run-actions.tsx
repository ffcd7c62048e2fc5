import { useMutation, useQueryClient } from '@tanstack/react-query';
import { send } from '../api/client.ts';
import type { RunSummary } from '../api/types.ts';
import { Failure } from './failure.tsx';

type Action = 'pause' | 'cancel' | 'resume' | 'retry';

const NAMES: Readonly<Record<Action, string>> = {
  pause: 'Pause',
  cancel: 'Cancel',
  resume: 'Resume',
  retry: 'Retry failed symbols',
};

/** What can be done with a run as it is now. */
export function RunActions({ run }: { readonly run: RunSummary }) {
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: (action: Action) => send<object>(`/api/processing/import/${action}`, { run_id: run.run_id }),
    onSettled: () => client.invalidateQueries(),
  });
  const possible = actionsOf(run);
  if (possible.length === 0) return null;
  return (
    <div className="actions">
      {possible.map((action) => (
        <button
          key={action}
          type="button"
          className={action === 'cancel' ? 'danger' : ''}
          disabled={act.isPending}
          onClick={() => act.mutate(action)}
        >
          {NAMES[action]}
        </button>
      ))}
      <Failure error={act.error} />
    </div>
  );
}

function actionsOf({ status, failed, completed, total_symbols: total }: RunSummary): Action[] {
  if (status === 'in_progress') return ['pause', 'cancel'];
  const left = total - completed - failed;
  return [
    ...(left > 0 && status !== 'completed' ? (['resume'] as const) : []),
    ...(failed > 0 ? (['retry'] as const) : []),
    ...(status === 'paused' || status === 'parked' ? (['cancel'] as const) : []),
  ];
}
