import { useRunRequests } from '../api/run-queries.ts';
import type { RunRequest, RunSummary } from '../api/types.ts';
import '../runs.css';
import { Choices } from './choices.tsx';
import { Failure } from './failure.tsx';
import { useFilters } from './filters.ts';
import { Pager, usePages } from './pages.tsx';
import { Table } from './table.tsx';
import { useSettled } from './use-settled.ts';
import { words } from './words.ts';

const PAGE = '100';
const SETTLE_MS = 250;

const OUTCOMES = [
  ['all', 'All'],
  ['failed', 'Failed'],
  ['retried', 'Retried'],
] as const;
const ORDERS = [
  ['newest', 'Newest first'],
  ['oldest', 'In order'],
] as const;
type Value<T extends readonly (readonly [string, string])[]> = T[number][0];

/** The requests of a run against time, each with what it waited, travelled, was read and stored; live. */
export function Timeline({ run }: { readonly run: RunSummary }) {
  const filters = useFilters();
  const outcome = (filters.of('requests') || 'all') as Value<typeof OUTCOMES>;
  const order = (filters.of('order') || 'newest') as Value<typeof ORDERS>;
  const find = useSettled(filters.of('of').trim(), SETTLE_MS);
  const filter = { outcome, order, ...(find !== '' && { find }) };
  const pages = usePages(JSON.stringify(filter));
  const { data, error } = useRunRequests(run.run_id, { ...filter, limit: PAGE, ...pages.cursor });
  const requests = data?.requests ?? [];
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <div className="filters">
        <Choices
          label="Which requests"
          of={OUTCOMES}
          chosen={outcome}
          choose={(value) => filters.choose('requests', value === 'all' ? '' : value)}
        />
        <Choices
          label="Order of requests"
          of={ORDERS}
          chosen={order}
          choose={(value) => filters.choose('order', value === 'newest' ? '' : value)}
        />
        <label>
          Of symbol
          <input value={filters.of('of')} onChange={({ target }) => filters.choose('of', target.value)} />
        </label>
      </div>
      <Failure error={error} />
      {data !== undefined && requests.length === 0 && (
        <p className="empty">
          {outcome !== 'all' || find !== ''
            ? 'None.'
            : run.status === 'in_progress'
              ? 'None yet: a request is listed when what it brought is stored.'
              : 'None: the run asked for nothing, or its requests are no longer kept.'}
        </p>
      )}
      {requests.length > 0 && <Bars requests={requests} />}
      <Pager
        pages={pages}
        next={data?.next_cursor}
        names={order === 'newest' ? ['Newer', 'Older'] : ['Earlier', 'Later']}
      />
    </section>
  );
}

const PHASES = [
  ['wait', 'Wait', 'for its slot, and between tries'],
  ['network', 'Network', 'from sending to the end of the answer'],
  ['parse', 'Parse', 'reading the rows'],
  ['store', 'Store', 'until they were written'],
] as const;

function Bars({ requests }: { readonly requests: readonly RunRequest[] }) {
  const spans = requests.map((request) => spanOf(request));
  const from = Math.min(...spans.map((span) => span.from));
  const to = Math.max(...spans.map((span) => span.to));
  return (
    <>
      <ul className="legend">
        {PHASES.map(([phase, name, means]) => (
          <li key={phase}>
            <i className={`phase ${phase}`} aria-hidden="true" /> {name}{' '}
            <span className="quiet">{means}</span>
          </li>
        ))}
        <li className="quiet">
          Left to right: {words.second(from)} to {words.second(to)}, {words.span(to - from)}
        </li>
      </ul>
      <Table
        label="Table of requests"
        columns={[
          'Asked for',
          { wide: 'Against time' },
          'Result',
          ...PHASES.map(([, name]) => ({ number: `${name}, ms` })),
          { number: 'Rows' },
          { number: 'Tries' },
          'Dates',
          { number: 'Began' },
        ]}
      >
        {requests.map((request) => (
          <tr key={request.n}>
            <td className="one-line">
              <span className="mono">{request.symbol ?? 'all stocks'}</span>{' '}
              <span className="quiet">{askedOf(request)}</span>
            </td>
            <td className="bar-cell">
              <Bar request={request} from={from} across={Math.max(1, to - from)} />
            </td>
            <td className={request.error_words === null ? 'one-line' : 'why fault'}>{resultOf(request)}</td>
            {PHASES.map(([phase]) => (
              <td key={phase} className="number">
                {request[`${phase}_ms`] === null ? '–' : words.whole(request[`${phase}_ms`] ?? 0)}
              </td>
            ))}
            <td className="number">{words.whole(request.rows)}</td>
            <td className="number">{request.tries}</td>
            <td className="one-line">{datesOf(request)}</td>
            <td className="number">{words.second(Date.parse(request.started_at))}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}

/** The figures beside it say the same. */
function Bar(props: { readonly request: RunRequest; readonly from: number; readonly across: number }) {
  const { request, from, across } = props;
  let at = Date.parse(request.started_at);
  return (
    <div className="bar" aria-hidden="true">
      {PHASES.map(([phase]) => {
        const ms = request[`${phase}_ms`] ?? 0;
        const left = `${((at - from) / across) * 100}%`;
        at += ms;
        return ms > 0 ? (
          <i key={phase} className={`phase ${phase}`} style={{ left, width: `${(ms / across) * 100}%` }} />
        ) : null;
      })}
    </div>
  );
}

function spanOf(request: RunRequest): { readonly from: number; readonly to: number } {
  const from = Date.parse(request.started_at);
  const ms = PHASES.reduce((sum, [phase]) => sum + (request[`${phase}_ms`] ?? 0), 0);
  return { from, to: from + ms };
}

function askedOf({ route, timeframe, purpose }: RunRequest): string {
  const why = { planned: '', page: ', a later page', evidence: ', to settle a doubt' }[purpose];
  return `${timeframe ?? route.replace('-', ' ')}${why}`;
}

const datesOf = ({ from, to }: RunRequest): string =>
  from === null ? '–' : from === to ? from : `${from} to ${to}`;

const resultOf = ({ error_words: error, status }: RunRequest): string =>
  error === null ? `✓ ${status ?? ''}` : `✕ ${error}${status === null ? '' : `, ${status}`}`;
