import { parseRetryAfter } from './backoff.ts';
import { VendorFailure, unusable } from './failure.ts';
import type { HttpAnswer } from './http-get.ts';
import { type Envelope, type RowReader, readResults } from './results-stream.ts';
import { answerSchema } from './schemas.ts';

/** Turns one answer into a value; made anew for each try. */
export interface PageReader<T> extends RowReader {
  /** @throws VendorFailure when the answer cannot be used. */
  finish(answer: Envelope & { readonly nextUrl: string | null }): T;
}

export interface ReadAnswer<T> {
  readonly value: T;
  readonly rowCount: number;
  /** The plan delays the newest data. */
  readonly delayed: boolean;
  readonly requestId: string | undefined;
}

/** Enough of a refusal to quote its reason. */
const longestRefusal = 64 * 1024;

/**
 * Reads an answer to its end. Success is 200 and a `status` of OK or DELAYED (or none, on routes without).
 * @throws VendorFailure for refusals and answers that cannot be used. `now` is what an HTTP-date Retry-After counts from.
 */
export async function readAnswer<T>(
  answer: HttpAnswer,
  now: number,
  reader: PageReader<T>,
): Promise<ReadAnswer<T>> {
  const retryAfterMs = parseRetryAfter(answer.retryAfter, now);
  const html = answer.contentType === 'text/html';
  if (answer.status !== 200) {
    throw new VendorFailure({
      ...reasonOf(await startOf(answer.body)),
      kind: 'refused',
      httpStatus: answer.status,
      html,
      retryAfterMs,
    });
  }
  if (html) throw unusable('an HTML page instead of data');

  const result = await readResults(answer.body, reader);
  const envelope = answerSchema.safeParse(result.envelope);
  if (!envelope.success) throw unusable('an answer of a shape it never had');
  const { status, error, message, request_id: requestId, next_url: nextUrl } = envelope.data;
  if (status !== undefined && status !== 'OK' && status !== 'DELAYED') {
    throw new VendorFailure({
      kind: 'refused',
      httpStatus: 200,
      bodyStatus: status.toUpperCase(),
      reason: error ?? message ?? '',
      html,
      retryAfterMs,
    });
  }
  return {
    value: reader.finish({ ...result, nextUrl: nextUrl ?? null }),
    rowCount: result.rowCount,
    delayed: status === 'DELAYED',
    requestId: requestId ?? answer.requestId,
  };
}

async function startOf(body: AsyncIterable<Buffer>): Promise<string> {
  const start: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    start.push(chunk);
    bytes += chunk.length;
    if (bytes > longestRefusal) break;
  }
  return Buffer.concat(start).toString();
}

/** The vendor's reason: JSON says it in `error` or `message`, an unknown path in plain text. */
function reasonOf(body: string): { bodyStatus: string | undefined; reason: string } {
  try {
    const { status, error, message } = answerSchema.parse(JSON.parse(body));
    return { bodyStatus: status?.toUpperCase(), reason: error ?? message ?? '' };
  } catch {
    return { bodyStatus: undefined, reason: body.slice(0, 500) };
  }
}
