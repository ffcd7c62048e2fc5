import { useEffect, useId, useRef, useState } from 'react';
import type { Coverage } from '../api/types.ts';
import { type Place, type Said, type WallControl, createWall } from './control.ts';
import { MARGIN } from './draw.ts';
import { followGestures } from './gestures.ts';
import type { Row } from './runs.ts';
import { meaningOf } from './states.ts';
import { TALLEST_ROW } from './viewport.ts';

const day = new Intl.DateTimeFormat('en-US', { dateStyle: 'full', timeZone: 'UTC' });

/** The wall itself: symbols down, sessions across, and in words the cell that is pointed at. */
export function Wall(props: {
  readonly coverage: Coverage;
  readonly rows: readonly Row[];
  readonly hidden: ReadonlySet<number>;
  /** Where it begins; later it moves by itself and says so. */
  readonly start: Place;
  readonly sought: string | null;
  moved(place: Place): void;
  opened(symbol: string): void;
}) {
  const { coverage, rows, hidden, sought } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const wall = useRef<WallControl>(null);
  const [said, say] = useState<Said | null>(null);
  const latest = useRef(props);
  const keys = useId();
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const made = createWall(canvas.current!, latest.current.start, {
      said: say,
      moved: (place) => latest.current.moved(place),
      opened: (symbol) => latest.current.opened(symbol),
    });
    wall.current = made;
    const stop = followGestures(canvas.current!, made);
    return () => {
      stop();
      made.close();
    };
  }, []);
  useEffect(() => wall.current!.show({ coverage, rows, hidden }), [coverage, rows, hidden]);
  useEffect(() => {
    if (sought !== null) wall.current!.seek(sought);
  }, [sought]);

  return (
    <div className="wall">
      <output>
        {said === null ? 'Point at a cell, or move to one with the arrow keys.' : wordsOf(said)}
      </output>
      <canvas
        ref={canvas}
        tabIndex={0}
        role="application"
        aria-roledescription="coverage wall"
        aria-label={`${coverage.timeframe} coverage, ${rows.length} symbols by ${coverage.sessions.length} sessions`}
        aria-describedby={keys}
        // Few symbols leave no empty paper below them.
        style={{ maxHeight: MARGIN.top + rows.length * TALLEST_ROW }}
      />
      <p id={keys} className="quiet">
        Drag or scroll to move, scroll with Ctrl or pinch to zoom, click to open a symbol. Keys: arrows (with
        Shift further), Page up and down, Home and End for sessions, with Ctrl for symbols, + and − zoom, 0
        shows everything, Enter opens.
      </p>
    </div>
  );
}

function wordsOf({ symbol, session, state }: Said) {
  const { name, sentence } = meaningOf(state);
  return (
    <>
      <strong>{symbol}</strong>, {day.format(new Date(session))}: <strong>{name}</strong>. {sentence}
    </>
  );
}
