import { Refused } from '../api/client.ts';

/** What went wrong, in the service's own words; what was there before stays beside it. */
export function Failure({ error }: { readonly error: Error | null }) {
  if (error === null) return null;
  const faults = error instanceof Refused ? (error.problem?.errors ?? []) : [];
  return (
    <div className="failure" role="alert">
      <p>{error.message}</p>
      {faults.length > 1 && (
        <ul>
          {faults.map(({ place, message }) => (
            <li key={`${place} ${message}`}>
              {place}: {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
