import { type Answer, json, notEntitled, notYet, throttled, unauthorized } from '../answer.ts';
import { type Fault, oneOf, wholeNumber } from './fault.ts';

const page = (status: number, title: string): Answer => ({
  status,
  contentType: 'text/html',
  body: `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`,
  rows: 0,
});

const error =
  (status: number, reason: string): Fault['spoil'] =>
  (_answer, { id }) =>
    json(status, { status: 'ERROR', request_id: id, error: reason });

/** Answers that are sent instead of the right one, by HTTP status or by their body. */
export const refusals: readonly Fault[] = [
  {
    name: 'throttle',
    kind: 'replace',
    sentence: '429 that does not say how long to wait',
    spoil: (_answer, { id }) => throttled(id),
  },
  {
    name: 'throttle-retry-after',
    kind: 'replace',
    sentence: '429 with Retry-After',
    arguments: {
      seconds: wholeNumber('1', 'seconds to wait'),
      form: oneOf('seconds', 'date'),
    },
    spoil(_answer, { id, now }, argument) {
      const seconds = argument('seconds');
      const until = new Date(now + Number(seconds) * 1000).toUTCString();
      const retryAfter = argument('form') === 'date' ? until : seconds;
      return { ...throttled(id), headers: { 'Retry-After': retryAfter, Date: new Date(now).toUTCString() } };
    },
  },
  {
    name: 'throttle-empty',
    kind: 'replace',
    sentence: '429 with an empty body',
    spoil: () => ({ status: 429, contentType: 'application/json', body: '', rows: 0 }),
  },
  { name: 'http-500', kind: 'replace', sentence: '500 as JSON', spoil: error(500, 'Internal server error') },
  {
    name: 'http-502-html',
    kind: 'replace',
    sentence: '502 as an HTML page',
    spoil: () => page(502, '502 Bad Gateway'),
  },
  { name: 'http-503', kind: 'replace', sentence: '503 as JSON', spoil: error(503, 'Service unavailable') },
  {
    name: 'http-504',
    kind: 'replace',
    sentence: '504 as an HTML page',
    spoil: () => page(504, '504 Gateway Time-out'),
  },
  {
    name: 'html-200',
    kind: 'replace',
    sentence: '200 with an HTML page',
    spoil: () => page(200, 'Welcome'),
  },
  {
    name: 'refusal-in-200',
    kind: 'replace',
    sentence: '200 with a refusal in its body',
    arguments: { reason: oneOf('error', 'throttled', 'not-entitled') },
    spoil(_answer, { id }, argument) {
      const refusal = {
        error: json(200, { status: 'ERROR', request_id: id, error: 'Something went wrong' }),
        throttled: throttled(id),
        'not-entitled': notEntitled(id),
      }[argument('reason')];
      return refusal === undefined ? null : { ...refusal, status: 200 };
    },
  },
  {
    name: 'key-revoked',
    kind: 'replace',
    sentence: '401: the key is not known any more',
    spoil: (_answer, { id }) => unauthorized(id, 'Unknown API Key'),
  },
  {
    name: 'not-entitled',
    kind: 'replace',
    sentence: '403: the plan does not have this',
    spoil: (_answer, { id }) => notEntitled(id),
  },
  {
    name: 'before-end-of-day',
    kind: 'replace',
    sentence: '403: the day is served only once it has ended',
    routes: ['aggregates', 'grouped-daily'],
    spoil: (_answer, { id }) => notYet(id),
  },
];
