import { useMutation } from '@tanstack/react-query';
import { Link } from 'wouter';
import { send } from '../api/client.ts';
import type { Trigger, Triggered } from '../api/types.ts';
import { Failure } from '../parts/failure.tsx';

/** Begins an import and leads to its run. */
export function FetchButton(props: {
  readonly name: string;
  readonly trigger: Trigger;
  readonly isMain?: boolean;
}) {
  const begin = useMutation({
    mutationFn: () => send<Triggered>('/api/processing/import/trigger', props.trigger),
  });
  return (
    <>
      <button
        type="button"
        className={props.isMain === true ? 'primary' : ''}
        disabled={begin.isPending}
        onClick={() => begin.mutate()}
      >
        {props.name}
      </button>
      {begin.data !== undefined && (
        <span role="status">
          It has begun: <Link href={`/runs/${begin.data.run_id}`}>see the run</Link>. What it brings appears
          here.
        </span>
      )}
      <Failure error={begin.error} />
    </>
  );
}
