import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, createContext, use, useEffect, useMemo, useRef, useState } from 'react';
import { type Connection, type LiveEvent, followEvents } from './events.ts';
import { createReadAgain, readAnew } from './read-again.ts';

interface Live {
  readonly connection: Connection;
  /** Hears every event; returns how to stop. */
  listen(listener: (event: LiveEvent) => void): () => void;
}

const LiveContext = createContext<Live | null>(null);

/** What each event changes of what was read before; progress itself is in the event. */
const STALE: Readonly<Record<string, readonly string[]>> = {
  data_import_started: ['runs', 'run', 'symbols', 'status', 'requests', 'attention'],
  symbol_processing_complete: ['symbols', 'status', 'requests'],
  data_import_completed: [
    'runs',
    'run',
    'symbols',
    'status',
    'requests',
    'plan',
    'coverage',
    'attention',
    'bars',
    'symbol-facts',
    'stored-symbols',
  ],
  critical_error: ['runs', 'status'],
  schedule_updated: ['schedule'],
};

/** Follows the events of the service for all that is below, and has what they change read anew. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>('connecting');
  const listeners = useRef(new Set<(event: LiveEvent) => void>());

  useEffect(() => {
    const stop = new AbortController();
    const readAgain = createReadAgain(client);
    void followEvents(
      {
        connection: setConnection,
        caughtUp: () => readAnew(client),
        event(event) {
          const { run_id: runId } = event.message.payload;
          if (event.event === 'job_progress_update')
            client.setQueryData(['progress', runId], event.message.payload);
          readAgain(STALE[event.event] ?? []);
          for (const listener of listeners.current) listener(event);
        },
      },
      stop.signal,
    );
    return () => stop.abort();
  }, [client]);

  const live = useMemo<Live>(
    () => ({
      connection,
      listen(listener) {
        listeners.current.add(listener);
        return () => void listeners.current.delete(listener);
      },
    }),
    [connection],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}

export function useLive(): Live {
  const live = use(LiveContext);
  if (live === null) throw new Error('useLive outside of LiveProvider');
  return live;
}

/** Calls `heard` with every event while the component is there. */
export function useEvents(heard: (event: LiveEvent) => void): void {
  const { listen } = useLive();
  const latest = useRef(heard);
  useEffect(() => {
    latest.current = heard;
  });
  useEffect(() => listen((event) => latest.current(event)), [listen]);
}
