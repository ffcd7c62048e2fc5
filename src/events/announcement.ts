import type { Payload } from './contract.ts';
import { type Channel, type EventName, eventDescriptions } from './event-names.ts';

/** An event ready for the outbox. */
export interface Announcement {
  readonly channel: Channel;
  readonly event: EventName;
  readonly runId: string | null;
  readonly attempt: number | null;
  readonly message: {
    readonly event: EventName;
    readonly timestamp: string;
    readonly source: string;
    readonly version: '1.0';
    readonly payload: object;
  };
}

/** UTC in whole seconds, as all events spell instants. */
export const toInstant = (at: number | Date): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** Puts a payload into the envelope; `at` is the event's time in ms. */
export function announce<E extends EventName>(event: E, payload: Payload<E>, at: number): Announcement {
  const { channel, source } = eventDescriptions[event];
  return {
    channel,
    event,
    runId: 'run_id' in payload ? payload.run_id : null,
    attempt: 'attempt' in payload ? (payload.attempt ?? null) : null,
    message: { event, timestamp: toInstant(at), source, version: '1.0', payload },
  };
}
