import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodError } from 'zod';
import { AppError, RunConflict, httpStatusOf, toAppError } from '../errors.ts';
import { isDatabaseFailure, toStorageError } from '../storage/storage-error.ts';

/** A fault of what was sent, with its place, such as `body.timeframes[0]`. */
export interface InputFault {
  readonly place: string;
  readonly message: string;
}

/** A refusal of the service itself; all of it goes to the caller. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: readonly InputFault[] | undefined;
  /** The run that is in the way. */
  readonly runId: string | undefined;

  constructor(status: number, code: string, detail: string, errors?: readonly InputFault[], runId?: string) {
    super(detail);
    this.runId = runId;
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}

/** What a part of a request becomes that its schema refuses; `refuseFaults` gathers them. */
export class FaultyPart {
  readonly faults: readonly InputFault[];

  constructor(part: string, { issues }: ZodError) {
    this.faults = issues.flatMap((issue) =>
      (issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path]).map(
        (path) => ({ place: placeOf(part, path), message: messageOf(issue) }),
      ),
    );
  }
}

const messageOf = (issue: ZodError['issues'][number]): string =>
  issue.code === 'unrecognized_keys' ? 'is not known' : issue.message;

function placeOf(part: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (place, step) => (typeof step === 'number' ? `${place}[${step}]` : `${place}.${String(step)}`),
    part === 'querystring' ? 'query' : part,
  );
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Key required',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  406: 'Not acceptable',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  429: 'Too many requests',
  500: 'Internal error',
  502: 'Bad answer of the vendor',
  503: 'Not available',
  504: 'No answer of the vendor',
};

const MEDIA_TYPE = 'application/problem+json; charset=utf-8';

/** Answers what cannot even be read as a request, and hangs up. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const [status, title, code] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, 'Request Header Fields Too Large', 'HEADERS_TOO_LARGE']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'Request Timeout', 'REQUEST_TOO_SLOW']
        : [400, 'Bad Request', 'INPUT_INVALID'];
  const body = JSON.stringify({
    type: 'about:blank',
    title,
    status,
    code,
    detail: 'This is no HTTP request that can be read.',
  });
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nConnection: close\r\nContent-Type: ${MEDIA_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

type Answered = FastifyError | AppError | Problem;

/** Answers an error as problem+json; what is no refusal is logged with its cause. */
export function answerProblem(error: Answered, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblem(error);
  if (problem.status >= 500) {
    const cause = error instanceof AppError ? (error.cause ?? error) : error;
    request.log.error({ err: cause, code: problem.code }, problem.message);
  }
  if (problem.status === 429) reply.header('retry-after', reply.getHeader('retry-after') ?? '1');
  return reply
    .code(problem.status)
    .type(MEDIA_TYPE)
    .send(JSON.stringify(render(problem)));
}

/** Makes every error of every route a problem+json. */
export function answerProblems(server: FastifyInstance): void {
  server.setErrorHandler(answerProblem);
  server.setNotFoundHandler((request) => {
    throw new Problem(
      404,
      'NOT_FOUND',
      `There is nothing at ${request.method} ${request.url.slice(0, 200)}. See /docs for what there is.`,
    );
  });
}

const render = (problem: Problem): object => ({
  type: 'about:blank',
  title: titles[problem.status] ?? 'Problem',
  status: problem.status,
  code: problem.code,
  detail: problem.message,
  ...(problem.errors !== undefined && { errors: problem.errors }),
  ...(problem.runId !== undefined && { run_id: problem.runId }),
});

function toProblem(error: Answered): Problem {
  if (error instanceof Problem) return error;
  if (!(error instanceof AppError) && isDatabaseFailure(error))
    return toProblem(toStorageError('answer the request', error));
  if (error instanceof AppError) {
    // Such as a password that the database refuses: not the caller's mistake.
    if (isDatabaseFailure(error.cause)) return new Problem(503, error.code, error.message);
    const runId = error instanceof RunConflict ? error.runId : undefined;
    return new Problem(httpStatusOf(error.code), error.code, error.message, undefined, runId);
  }
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500;
  // Fastify's own refusals: a body that is no JSON, is too large, or of another media type.
  if (status >= 400 && status < 500) {
    const code = { 413: 'BODY_TOO_LARGE', 415: 'UNSUPPORTED_MEDIA_TYPE', 429: 'TOO_MANY_REQUESTS' }[status];
    return new Problem(status, code ?? 'INPUT_INVALID', error.message);
  }
  return new Problem(500, 'INTERNAL', toAppError(error).message);
}

/** Does what one input decides; what is refused of that input is told with its place. */
export async function atPlace<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'CONFIG_INVALID' || error.cause !== undefined)
      throw error;
    throw new Problem(400, error.code, error.message, [{ place, message: error.message }]);
  }
}
/** The refusal of one value that its schema let through. */
export const refusalOf = (place: string, message: string): Problem =>
  new Problem(400, 'INPUT_INVALID', `The request cannot be understood: ${place}: ${message}.`, [
    { place, message },
  ]);

/** @throws Problem with every fault of params, query and body at once. */
export function refuseFaults(parts: readonly unknown[]): void {
  const faults = parts.flatMap((part) => (part instanceof FaultyPart ? part.faults : []));
  if (faults.length === 0) return;
  const said = faults.map(({ place, message }) => `${place}: ${message}`).join('; ');
  throw new Problem(
    400,
    'INPUT_INVALID',
    `The request cannot be understood: ${said.slice(0, 1000)}.`,
    faults,
  );
}
