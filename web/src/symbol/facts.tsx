import type { ReactNode } from 'react';
import type { SymbolFacts } from '../api/types.ts';
import { SymbolLink } from '../parts/symbol-link.tsx';
import { words } from '../parts/words.ts';
import { placeOf, placeWords } from './places.ts';

/** Of each kind, before the rest is folded away. */
const MOST_SHOWN = 8;

/** What is known of a symbol besides its bars. */
export function Facts({ facts }: { readonly facts: SymbolFacts }) {
  return (
    <aside className="symbol-facts" aria-label="What is known">
      <Coverage facts={facts} />
      <Gaps facts={facts} />
      <List title="Splits" none="None is known.">
        {facts.splits.map(({ date, from, to, why, verdict, is_applied: isApplied }) => (
          <li key={date}>
            <strong>
              {date}: {to} for {from}
            </strong>{' '}
            {!isApplied && (
              <span className={verdict === 'held' ? 'status parked' : 'status'}>
                {verdict === 'held' ? 'held back' : verdict}
              </span>
            )}{' '}
            <span className="quiet">{why}</span>
          </li>
        ))}
      </List>
      <Rejects facts={facts} />
      {facts.renames.length > 0 && (
        <List title="Other names" none="">
          {facts.renames.map(({ symbol, after, until }) => (
            <li key={`${symbol} ${until}`}>
              <SymbolLink symbol={symbol} />
              {after !== null && ` after ${after}`}
              {until !== null && ` until ${until}`}
            </li>
          ))}
        </List>
      )}
    </aside>
  );
}

function Coverage({ facts }: { readonly facts: SymbolFacts }) {
  return (
    <section className="card">
      <h2>Coverage</h2>
      <dl className="facts">
        {facts.coverage.map((one) => (
          <div key={one.timeframe} className="fact">
            <dt>{one.timeframe}</dt>
            <dd>
              {one.ranges.map(({ from, to }) => (
                <div key={from}>
                  {from} to {to}
                </div>
              ))}
              <span className="quiet">
                {words.count(one.sessions, 'session')}, {words.whole(one.sessions_with_bars)} with bars
                {one.provisional.length > 0 && '; the newest may still change'}
              </span>
            </dd>
          </div>
        ))}
        {facts.listed_on !== null && (
          <div className="fact">
            <dt>listed</dt>
            <dd>{facts.listed_on}</dd>
          </div>
        )}
        {facts.delisted_on !== null && (
          <div className="fact">
            <dt>delisted</dt>
            <dd>{facts.delisted_on}</dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function Gaps({ facts: { absences, coverage, gaps } }: { readonly facts: SymbolFacts }) {
  return (
    <section className="card">
      <h2>Sessions without a bar</h2>
      {absences.length === 0 && <p className="empty">None: every session asked for has its bar.</p>}
      <ul className="reasons">
        {absences.map(({ reason, why, sessions, needs_a_look: isOdd }) => (
          <li key={reason} className={isOdd ? 'odd' : ''}>
            {words.count(sessions, 'session')}: {why}
          </li>
        ))}
      </ul>
      {absences.length > 0 && coverage.length > 1 && (
        <p className="quiet">A session’s hours and its day count apart.</p>
      )}
      {gaps.length > 0 && (
        <details>
          <summary>Which ones</summary>
          <ul className="reasons quiet">
            {gaps.map(({ timeframe, from, to, why, evidence }) => (
              <li key={`${timeframe} ${from}`}>
                {timeframe}, {from === to ? from : `${from} to ${to}`}: {why} ({evidence})
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Rejects({ facts: { rejects, rejects_total: total } }: { readonly facts: SymbolFacts }) {
  return (
    <List title="Rejected bars" none="None broke a rule.">
      {rejects.map(({ timeframe, starts_at: startsAt, session, rule }) => (
        <li key={`${timeframe} ${startsAt}`}>
          <strong>{timeframe === 'hourly' ? placeWords(placeOf(startsAt), timeframe) : session}</strong>{' '}
          <span className="quiet">
            {timeframe}: {rule}
          </span>
        </li>
      ))}
      {total > rejects.length && (
        <li className="quiet">
          The newest {rejects.length} of {words.whole(total)}.
        </li>
      )}
    </List>
  );
}

function List(props: { readonly title: string; readonly none: string; readonly children: ReactNode[] }) {
  const items = props.children.flat().filter((item) => item !== false);
  return (
    <section className="card">
      <h2>{props.title}</h2>
      {items.length === 0 && <p className="empty">{props.none}</p>}
      <ul className="reasons">{items.slice(0, MOST_SHOWN)}</ul>
      {items.length > MOST_SHOWN && (
        <details>
          <summary>{words.whole(items.length - MOST_SHOWN)} more</summary>
          <ul className="reasons">{items.slice(MOST_SHOWN)}</ul>
        </details>
      )}
    </section>
  );
}
