import type { Coverage } from '../api/types.ts';
import { words } from '../parts/words.ts';
import { type State, meaningOf } from './states.ts';

/** What the colours mean, how many sessions stand so, and which of them are shown. */
export function Legend(props: {
  readonly states: Coverage['states'];
  readonly counts: readonly number[];
  readonly hidden: ReadonlySet<State>;
  toggle(state: State): void;
}) {
  return (
    <div role="group" aria-label="States that are shown" className="legend">
      {props.states.map((state, code) => {
        const count = props.counts[code] ?? 0;
        if (count === 0) return null;
        return (
          <button
            key={state}
            type="button"
            aria-pressed={!props.hidden.has(state)}
            title={meaningOf(state).sentence}
            onClick={() => props.toggle(state)}
          >
            <span className={`swatch ${state} ${meaningOf(state).group}`} aria-hidden="true" />
            {meaningOf(state).name} <span className="quiet">{words.whole(count)}</span>
          </button>
        );
      })}
    </div>
  );
}
