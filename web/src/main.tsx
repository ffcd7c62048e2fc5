import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Refused } from './api/client.ts';
import { Cockpit } from './cockpit.tsx';
import { askForKey } from './parts/key-gate.tsx';
import './look.css';
import './wall/wall.css';

const MOST_TRIES = 2;

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
