import { useRef, useState } from 'react';
import { Link } from 'wouter';
import { useEvents } from '../api/live.tsx';
import { words } from './words.ts';

interface Notice {
  readonly id: number;
  readonly title: string;
  readonly lines: readonly string[];
  readonly runId: string;
  readonly isBad: boolean;
  /** It goes on, or has ended as it should. */
  readonly isWell: boolean;
}

const MOST = 3;
const STAYS_MS = 12_000;

/** Tells of starts and ends of imports, as the platform words them. What failed stays until it is closed. */
export function Notices() {
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const lastId = useRef(0);
  const close = (id: number): void => setNotices((all) => all.filter((one) => one.id !== id));

  useEvents(({ event, message: { payload } }) => {
    const said = toNotice(event, payload);
    if (said === null) return;
    const id = ++lastId.current;
    setNotices((all) => [...all, { ...said, id }].slice(-MOST));
    if (!said.isBad) setTimeout(() => close(id), STAYS_MS);
  });

  return (
    <div className="notices" role="status" aria-label="Notices">
      {notices.map(({ id, title, lines, runId, isBad, isWell }) => (
        <section key={id} className={`notice ${isBad ? 'bad' : isWell ? '' : 'waits'}`}>
          <strong>{title}</strong>
          {lines.map((line) => (
            <span key={line}>{line}</span>
          ))}
          <span className="actions">
            <Link href={`/runs/${runId}`}>Open the run</Link>
            <button type="button" className="plain" onClick={() => close(id)}>
              Close
            </button>
          </span>
        </section>
      ))}
    </div>
  );
}

function toNotice(event: string, payload: Readonly<Record<string, unknown>>): Omit<Notice, 'id'> | null {
  const number = (name: string): number => Number(payload[name] ?? 0);
  const runId = String(payload['run_id'] ?? '');
  if (event === 'data_import_started')
    return {
      runId,
      isBad: false,
      isWell: true,
      title: 'Data import started',
      lines: [words.count(number('total_symbols'), 'symbol')],
    };
  if (event !== 'data_import_completed') return null;
  const failed = number('failed_symbols');
  const status = String(payload['status'] ?? 'completed');
  return {
    runId,
    isBad: failed > 0 || status === 'failed',
    isWell: status === 'completed',
    title: `Import ${status}: ${words.whole(number('successful_symbols'))}/${words.whole(number('total_symbols'))} symbols`,
    lines: [
      `Records imported: ${words.whole(number('total_records_imported'))}`,
      `Success rate: ${number('success_rate').toFixed(1)}%`,
      ...(failed > 0 ? [`${words.count(failed, 'symbol')} failed to import`] : []),
      ...(typeof payload['error_message'] === 'string' ? [payload['error_message']] : []),
    ],
  };
}
