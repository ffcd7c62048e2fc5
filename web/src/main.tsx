import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Refused, Unreachable } from './api/client.ts';
import { Cockpit } from './cockpit.tsx';
import { askForKey } from './parts/key-gate.tsx';
import './look.css';
import './wall/wall.css';

const MOST_TRIES = 2;
const AGAIN_MS = 5000;

/** It may pass by itself: the service is away, or has a trouble of its own. */
const mayPass = (error: Error | null): boolean =>
  error instanceof Unreachable || (error instanceof Refused && error.status >= 500);

const onError = (error: Error): void => {
  if (error instanceof Refused && error.status === 401) askForKey(error.message);
};

const client = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      // Events say when something has changed.
      staleTime: 60_000,
      retry: (failures, error) => !(error instanceof Refused) && failures < MOST_TRIES,
      refetchInterval: ({ state }) => (mayPass(state.error) ? AGAIN_MS : false),
    },
  },
});

createRoot(document.getElementById('cockpit')!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <Cockpit />
    </QueryClientProvider>
  </StrictMode>,
);
