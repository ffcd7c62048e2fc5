import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { send } from '../api/client.ts';
import { useSchedule } from '../api/queries.ts';
import { useSchedulePreview } from '../api/schedule-queries.ts';
import type { Schedule, ScheduleChange, Timeframe } from '../api/types.ts';
import { Failure } from '../parts/failure.tsx';
import { Field, faultAt } from '../parts/field.tsx';
import { Timeframes, inOrder } from '../parts/timeframes.tsx';
import { useSettled } from '../parts/use-settled.ts';
import { words } from '../parts/words.ts';
import { SettingsTable } from './settings.tsx';

const SETTLES_MS = 300;

/** A schedule as it is written in the form. */
interface Draft {
  readonly enabled: boolean;
  readonly delay: string;
  readonly universes: string;
  readonly timeframes: ReadonlySet<Timeframe>;
}

/** When the nightly import comes, changing it, and the settings of the service. */
export function ScheduleView() {
  const { data, error } = useSchedule();
  return (
    <>
      <h1>Schedule and settings</h1>
      <Failure error={error} />
      {data !== undefined && <Change schedule={data} />}
      <SettingsTable />
    </>
  );
}

function Change({ schedule }: { readonly schedule: Schedule }) {
  const [edit, setEdit] = useState<Partial<Draft>>({});
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (body: ScheduleChange) => send<Schedule>('/api/processing/schedule', body, 'PUT'),
    onSuccess: (said) => {
      client.setQueryData(['schedule'], said);
      setEdit({});
    },
  });
  const draft = { ...toDraft(schedule), ...edit };
  const wanted = toQuery(draft);
  const isChanged = JSON.stringify(wanted) !== JSON.stringify(toQuery(toDraft(schedule)));
  const settled = useSettled(isChanged ? wanted : null, SETTLES_MS);
  const preview = useSchedulePreview(settled);
  const isSeen =
    JSON.stringify(settled) === JSON.stringify(wanted) && preview.isSuccess && !preview.isPlaceholderData;
  const after = isChanged && preview.isSuccess ? preview.data : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate(toChange(draft));
  };
  return (
    <div className="beside">
      <form className="card stack" onSubmit={submit} aria-label="Change the schedule">
        <Inputs
          draft={draft}
          edit={(part) => setEdit({ ...edit, ...part })}
          error={isChanged ? preview.error : null}
        />
        <div className="actions">
          <button type="submit" className="primary" disabled={!isChanged || !isSeen || change.isPending}>
            Change the schedule
          </button>
          {isChanged && (
            <button type="button" onClick={() => setEdit({})}>
              Leave it as it is
            </button>
          )}
        </div>
        <p role="status">
          {isChanged && isSeen && `Not saved yet: ${sentenceOf(preview.data)}`}
          {!isChanged && change.isSuccess && 'Saved.'}
        </p>
        <Failure error={change.error} />
      </form>
      <Firings schedule={after ?? schedule} isPreview={after !== undefined} />
    </div>
  );
}

function Inputs(props: {
  readonly draft: Draft;
  readonly error: Error | null;
  edit(part: Partial<Draft>): void;
}) {
  const { draft, error, edit } = props;
  const delayFault = faultAt(error, 'query.delay_minutes');
  const universeFault = faultAt(error, 'query.universes');
  const timeframeFault = faultAt(error, 'query.timeframes');
  const isAtField = delayFault !== null || universeFault !== null || timeframeFault !== null;
  return (
    <>
      <label>
        <input
          type="checkbox"
          checked={draft.enabled}
          onChange={({ target }) => edit({ enabled: target.checked })}
        />{' '}
        Import after each session
      </label>
      <Field
        label="Minutes after the close"
        type="number"
        value={draft.delay}
        onChange={({ target }) => edit({ delay: target.value })}
        fault={delayFault}
        hint="The close is at 16:00 New York, at 13:00 on days that close early."
      />
      <Field
        label="Universes, by comma"
        value={draft.universes}
        onChange={({ target }) => edit({ universes: target.value })}
        fault={universeFault}
      />
      <Timeframes chosen={draft.timeframes} choose={(timeframes) => edit({ timeframes })}>
        {timeframeFault !== null && (
          <p role="status" className="why">
            {timeframeFault}
          </p>
        )}
      </Timeframes>
      {!isAtField && <Failure error={error} />}
    </>
  );
}

function Firings({ schedule, isPreview }: { readonly schedule: Schedule; readonly isPreview: boolean }) {
  return (
    <section className={isPreview ? 'card preview' : 'card'} aria-labelledby="firings">
      <h2 id="firings">Next firings{isPreview && ', once it is saved'}</h2>
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

const sentenceOf = (after: { enabled: boolean; total_symbols: number; trigger_time: string }): string =>
  after.enabled
    ? `${words.count(after.total_symbols, 'symbol')} at ${after.trigger_time} New York after each session.`
    : 'nothing would be imported by itself.';

const toDraft = (schedule: Schedule): Draft => ({
  enabled: schedule.enabled,
  delay: String(schedule.delay_minutes),
  universes: schedule.universes.join(', '),
  timeframes: new Set(schedule.timeframes),
});

const toChange = ({ enabled, delay, universes, timeframes }: Draft) => ({
  enabled,
  delay_minutes: Number(delay),
  universes: universes.split(',').map((part) => part.trim()),
  timeframes: inOrder(timeframes),
});

const toQuery = (draft: Draft): Record<string, string> => {
  const { enabled, universes, timeframes } = toChange(draft);
  return {
    enabled: String(enabled),
    delay_minutes: draft.delay,
    universes: universes.join(','),
    timeframes: timeframes.join(','),
  };
};
