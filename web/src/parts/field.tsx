import { type ComponentProps, useId } from 'react';
import { Refused } from '../api/client.ts';

/** An input with its name, what helps to fill it in, and what the service has against what is in it. */
export function Field({
  label,
  hint,
  fault,
  ...input
}: ComponentProps<'input'> & {
  readonly label: string;
  readonly hint?: string;
  readonly fault?: string | null;
}) {
  const [field, help] = [useId(), useId()];
  const said = fault ?? hint;
  return (
    <div className="field">
      <label htmlFor={field}>{label}</label>
      <input
        id={field}
        aria-invalid={typeof fault === 'string'}
        aria-describedby={said === undefined ? undefined : help}
        spellCheck={false}
        autoComplete="off"
        {...input}
      />
      {said !== undefined && (
        // Told when there is a pause: it comes while somebody writes.
        <p id={help} role={fault ? 'status' : undefined} className={fault ? 'why' : 'quiet'}>
          {said}
        </p>
      )}
    </div>
  );
}

/** What the service says of the input at a place, such as `query.universes`; null when it has nothing against it. */
export const faultAt = (error: Error | null, place: string): string | null =>
  (error instanceof Refused
    ? error.problem?.errors?.find((fault) => fault.place === place || fault.place.startsWith(`${place}[`))
        ?.message
    : null) ?? null;
