import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useId, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { send } from '../api/client.ts';
import { usePlan, useUniverses } from '../api/queries.ts';
import type { Plan, Trigger, Triggered } from '../api/types.ts';
import { Choices } from '../parts/choices.tsx';
import { Failure } from '../parts/failure.tsx';
import { Figure } from '../parts/run-progress.tsx';
import { Timeframes } from '../parts/timeframes.tsx';
import { toggled } from '../parts/toggled.ts';
import { useSettled } from '../parts/use-settled.ts';
import { words } from '../parts/words.ts';
import { type Choice, choiceOf, searchOf, toTrigger } from './import-choice.ts';

const WHATS = [
  ['universes', 'universes'],
  ['symbols', 'symbols'],
] as const;
const WHENS = [
  ['usual', 'the usual lookbacks'],
  ['lookback', 'days back'],
  ['dates', 'dates'],
] as const;

/** How long nothing must change before the plan is made anew. */
const SETTLES_MS = 300;

/** Choose what to import, see what it would cost, begin. */
export function ImportView() {
  const [search, setSearch] = useSearchParams();
  const [choice, setChoice] = useState(() => choiceOf(search));
  const [, go] = useLocation();
  const change = (part: Partial<Choice>): void => setChoice((before) => ({ ...before, ...part }));
  const trigger = toTrigger(choice);
  const wanted = useSettled(trigger, SETTLES_MS);
  const plan = usePlan(wanted);
  const said = useSettled(searchOf(choice).toString(), SETTLES_MS);
  useEffect(() => setSearch(said, { replace: true }), [said, setSearch]);
  const begin = useMutation({
    mutationFn: (body: Trigger) => send<Triggered>('/api/processing/import/trigger', body),
    onSuccess: ({ run_id: runId }) => go(`/runs/${runId}`),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (trigger !== null) begin.mutate(trigger);
  };
  return (
    <>
      <h1>Import</h1>
      <form className="import" onSubmit={submit}>
        <What choice={choice} change={change} />
        <Timeframes chosen={choice.timeframes} choose={(timeframes) => change({ timeframes })} />
        <When choice={choice} change={change} />
        <section className="card" aria-labelledby="plan" aria-busy={plan.isFetching}>
          <h2 id="plan">What it takes</h2>
          {wanted === null ? (
            <p className="empty">Choose universes or symbols, and at least one timeframe.</p>
          ) : (
            <>
              <Failure error={plan.error} />
              {plan.data !== undefined && plan.error === null && <PlanFigures plan={plan.data} />}
            </>
          )}
          <button type="submit" className="primary" disabled={trigger === null || begin.isPending}>
            Begin the import
          </button>
          <Failure error={begin.error} />
        </section>
      </form>
    </>
  );
}

interface Part {
  readonly choice: Choice;
  change(part: Partial<Choice>): void;
}

function What({ choice, change }: Part) {
  const { data, error } = useUniverses();
  const field = useId();
  return (
    <fieldset>
      <legend>What</legend>
      <Choices
        label="Universes or symbols"
        of={WHATS}
        chosen={choice.what}
        choose={(what) => change({ what })}
      />
      <Failure error={error} />
      {choice.what === 'universes' ? (
        <div className="boxes">
          {data?.universes.map(({ name, members }) => (
            <label key={name}>
              <input
                type="checkbox"
                checked={choice.universes.has(name)}
                onChange={() => change({ universes: toggled(choice.universes, name) })}
              />{' '}
              {name} <span className="quiet">{words.whole(members)}</span>
            </label>
          ))}
        </div>
      ) : (
        <>
          <label htmlFor={field}>Symbols, by comma or space</label>
          <textarea
            id={field}
            rows={3}
            spellCheck={false}
            value={choice.symbols}
            onChange={({ target }) => change({ symbols: target.value })}
          />
        </>
      )}
    </fieldset>
  );
}

function When({ choice, change }: Part) {
  return (
    <fieldset>
      <legend>When</legend>
      <Choices label="How far back" of={WHENS} chosen={choice.when} choose={(when) => change({ when })} />
      {choice.when === 'lookback' && (
        <label>
          Days back from the last session
          <input
            type="number"
            min={1}
            max={15000}
            value={choice.days}
            onChange={({ target }) => change({ days: target.value })}
          />
        </label>
      )}
      {choice.when === 'dates' && (
        <div className="boxes">
          <label>
            First date
            <input
              type="date"
              value={choice.from}
              onChange={({ target }) => change({ from: target.value })}
            />
          </label>
          <label>
            Last date <span className="quiet">(the last session when empty)</span>
            <input type="date" value={choice.to} onChange={({ target }) => change({ to: target.value })} />
          </label>
        </div>
      )}
      <label>
        <input
          type="checkbox"
          checked={choice.isRefresh}
          onChange={({ target }) => change({ isRefresh: target.checked })}
        />{' '}
        Ask again for what is stored already
      </label>
    </fieldset>
  );
}

function PlanFigures({ plan }: { readonly plan: Plan }) {
  const { requests, naive_requests: naive } = plan;
  const isNothing = plan.symbols_asked === 0;
  return (
    <>
      {isNothing && <p className="empty">Everything is there already: only splits would be asked for.</p>}
      <dl className="figures">
        <Figure name="Requests" value={words.whole(requests)} />
        <Figure name="Without planning" value={words.whole(naive)} />
        <Figure name="Time at the pacing" value={words.duration(plan.seconds_estimate)} />
        <Figure name="Data, uncompressed" value={words.bytes(plan.bytes_estimate)} />
        <Figure
          name="Symbols asked"
          value={`${words.whole(plan.symbols_asked)} of ${words.whole(plan.symbols)}`}
        />
        <Figure
          name="Sessions asked"
          value={`${words.whole(plan.sessions_asked)} of ${words.whole(plan.sessions)}`}
        />
      </dl>
    </>
  );
}
