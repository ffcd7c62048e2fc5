/** A response before it is sent. */
export interface Answer {
  readonly status: number;
  readonly contentType: 'application/json' | 'text/plain' | 'text/html';
  readonly body: string | Buffer;
  /** How many results the body carries. */
  readonly rows: number;
  /** Beside those every answer has. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How its way is spoilt on purpose; sent as it should be when absent. */
  readonly delivery?: Delivery;
}

export type Delivery =
  | { readonly kind: 'reset' | 'reset-in-body' | 'truncated' | 'stall' | 'stall-in-body' }
  | { readonly kind: 'drip'; readonly everyMs: number }
  | { readonly kind: 'flood'; readonly bytes: number };

const pricing = 'https://massive.com/pricing';

/** A JSON body; `rows` counts its results. */
export const json = (status: number, body: object, rows = 0): Answer => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify(body),
  rows,
});

/** A refusal whose reason the vendor puts under `error`. */
const errorOf =
  (status: number) =>
  (requestId: string, error: string): Answer =>
    json(status, { status: 'ERROR', request_id: requestId, error });

/** A refusal whose reason the vendor puts under `message`. */
const messageOf =
  (httpStatus: number, status: string) =>
  (requestId: string, message: string): Answer =>
    json(httpStatus, { status, request_id: requestId, message });

export const badRequest = errorOf(400);
export const unauthorized = errorOf(401);
const notAuthorized = messageOf(403, 'NOT_AUTHORIZED');
export const notFound = messageOf(404, 'NOT_FOUND');
export const defect = errorOf(500);

export const throttled = (requestId: string): Answer =>
  errorOf(429)(
    requestId,
    `You've exceeded the maximum requests per minute, please wait or upgrade your subscription to continue. ${pricing}`,
  );

/** History older than the plan's. */
export const timeframeRefused = (requestId: string): Answer =>
  notAuthorized(
    requestId,
    `Your plan doesn't include this data timeframe. Please upgrade your plan at ${pricing}`,
  );

/** Data the plan does not have at all. */
export const notEntitled = (requestId: string): Answer =>
  notAuthorized(requestId, `You are not entitled to this data. Please upgrade your plan at ${pricing}`);

/** A day the plan serves only once it has ended. */
export const notYet = (requestId: string): Answer =>
  notAuthorized(
    requestId,
    `Attempted to request today's data before end of day. Please upgrade your plan at ${pricing}`,
  );

/** An address the API does not have. */
export const unknownPath: Answer = {
  status: 404,
  contentType: 'text/plain',
  body: '404 page not found\n',
  rows: 0,
};
