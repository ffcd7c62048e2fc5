import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { send } from '../api/client.ts';
import { useSchedule } from '../api/queries.ts';
import type { Schedule, ScheduleChange } from '../api/types.ts';
import { Failure } from '../parts/failure.tsx';
import { words } from '../parts/words.ts';

/** When the nightly import comes, and changing it. */
export function ScheduleView() {
  const { data, error } = useSchedule();
  return (
    <>
      <h1>Schedule</h1>
      <Failure error={error} />
      {data !== undefined && (
        <>
          <Change key={JSON.stringify(data)} schedule={data} />
          <Firings schedule={data} />
        </>
      )}
    </>
  );
}

function Change({ schedule }: { readonly schedule: Schedule }) {
  const [enabled, setEnabled] = useState(schedule.enabled);
  const [delay, setDelay] = useState(String(schedule.delay_minutes));
  const [universes, setUniverses] = useState(schedule.universes.join(', '));
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (body: ScheduleChange) => send<Schedule>('/api/processing/schedule', body, 'PUT'),
    onSuccess: (said) => client.setQueryData(['schedule'], said),
  });
  const wanted: ScheduleChange = {
    enabled,
    delay_minutes: Number(delay),
    universes: universes
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  };
  const isChanged =
    enabled !== schedule.enabled ||
    Number(delay) !== schedule.delay_minutes ||
    wanted.universes?.join() !== schedule.universes.join();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate(wanted);
  };
  return (
    <form className="card stack" onSubmit={submit}>
      <label>
        <input type="checkbox" checked={enabled} onChange={({ target }) => setEnabled(target.checked)} />{' '}
        Import after each session
      </label>
      <label>
        Minutes after the close
        <input
          type="number"
          min={0}
          max={1440}
          value={delay}
          onChange={({ target }) => setDelay(target.value)}
          required
        />
      </label>
      <label>
        Universes, by comma
        <input value={universes} onChange={({ target }) => setUniverses(target.value)} required />
      </label>
      <button type="submit" className="primary" disabled={!isChanged || change.isPending}>
        Change the schedule
      </button>
      <Failure error={change.error} />
    </form>
  );
}

function Firings({ schedule }: { readonly schedule: Schedule }) {
  return (
    <section aria-labelledby="firings">
      <h2 id="firings">Next firings</h2>
      {schedule.next_runs.length === 0 ? (
        <p className="empty">None: the schedule is off.</p>
      ) : (
        <ol className="firings">
          {schedule.next_runs.map(({ session, at, early_close: isEarly }) => (
            <li key={session}>
              {words.newYork(at)} <span className="quiet">here {words.here(at)}</span>
              {isEarly && <span className="quiet">, early close</span>}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
