import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { BadCsv, type BadLine } from '../../universe/csv-file.ts';
import { checkCsvUniverse } from '../../universe/csv.ts';
import type { MemberChange, UniverseMember } from '../../market/universe-member.ts';
import { answers, change } from '../answers.ts';
import { problem } from '../contract.ts';
import * as contract from '../contract-universes.ts';
import type { ServiceContext } from '../context.ts';
import { Problem, atPlace } from '../problem.ts';

/** Where lists made over HTTP say they came from. */
const SOURCE = 'HTTP';

const MOST_SHOWN = 500;
const SHOWN_CHARACTERS = 120;

type SentMember = string | UniverseMember;

interface Sent {
  readonly members?: readonly SentMember[] | undefined;
  readonly csv?: string | undefined;
  readonly expression?: string | undefined;
}

/** Named lists of symbols. */
export const universeRoutes =
  ({ app }: ServiceContext): FastifyPluginAsyncZod =>
  async (server) => {
    const { universes } = app;
    const isKnown = async (name: string): Promise<boolean> =>
      (await universes.list()).some((one) => one.name === name);

    const store = async (name: string, { members = [], csv, expression }: Sent) => {
      if (csv !== undefined)
        return toAnswer(name, await withFaults(() => universes.importText(name, csv, SOURCE)));
      if (expression === undefined)
        return toAnswer(name, await universes.store(name, toMembers(members), SOURCE));
      const resolved = await atPlace('body.expression', () => universes.resolve(expression));
      return toAnswer(name, await universes.store(name, resolved.members, expression));
    };

    server.get(
      '/api/universes',
      {
        schema: {
          tags: ['universes'],
          summary: 'All universes',
          response: answers(contract.universesAnswer),
        },
      },
      async () => ({
        universes: (await universes.list()).map(({ name, kind, members, asOf, source }) => ({
          name,
          kind,
          members,
          as_of: asOf,
          source,
        })),
      }),
    );

    server.get(
      '/api/universes/:name',
      {
        schema: {
          tags: ['universes'],
          summary: 'The members of a universe, today or on a date',
          params: contract.universeParams,
          querystring: contract.universeQuery,
          response: answers(contract.universeAnswer),
        },
      },
      async ({ params: { name }, query: { date } }) => {
        if (!(await isKnown(name))) throw notFound(name);
        const { members } = await universes.resolve(date === undefined ? name : `${name}@${date}`);
        return { name, total_symbols: members.length, members: [...members] };
      },
    );

    server.get(
      '/api/universes/:name/history',
      {
        schema: {
          tags: ['universes'],
          summary: 'Who was a member of a universe when',
          params: contract.universeParams,
          response: answers(contract.universeHistoryAnswer),
        },
      },
      async ({ params: { name } }) => {
        if (!(await isKnown(name))) throw notFound(name);
        const history = await universes.history(name);
        const stays = history?.stays.map(({ validFrom, validTo, ...about }) => ({
          ...about,
          since: validFrom,
          until: validTo,
        }));
        return { name, known: history?.known ?? null, stays: stays ?? [] };
      },
    );

    server.post(
      '/api/universes/check',
      {
        schema: {
          tags: ['universes'],
          summary: 'What the text of a CSV file would make; nothing is stored',
          body: contract.csvCheckBody,
          response: answers(contract.csvCheckAnswer),
        },
      },
      async ({ body: { csv } }) => {
        const { members, duplicates, bad } = await atPlace('body.csv', async () =>
          checkCsvUniverse(csv, 'the list'),
        );
        return {
          total_symbols: new Set(members.map(({ symbol }) => symbol)).size,
          is_dated: members.some(({ validFrom, validTo }) => validFrom !== null || validTo !== null),
          bad_lines: bad.length,
          faults: toFaults(csv, bad),
          duplicates: duplicates
            .slice(0, MOST_SHOWN)
            .map(({ symbol, line, firstLine }) => ({ symbol, line, first_line: firstLine })),
        };
      },
    );

    server.post(
      '/api/universes',
      {
        config: change,
        schema: {
          tags: ['universes'],
          summary: 'Create a universe of members, the text of a CSV file, or an expression',
          body: contract.universeCreateBody,
          response: { 201: contract.universeChangeAnswer, '4xx': problem, '5xx': problem },
        },
      },
      async ({ body }, reply) => {
        const known = (await universes.list()).find(({ name }) => name === body.name);
        if (known !== undefined) throw exists(known);
        const created = await store(body.name, body);
        return reply.code(201).header('location', `/api/universes/${body.name}`).send(created);
      },
    );

    server.put(
      '/api/universes/:name',
      {
        config: change,
        schema: {
          tags: ['universes'],
          summary: 'Replace the members of a universe from today on',
          description: 'Creates it when there is none. Who was a member before is kept, with its dates.',
          params: contract.universeParams,
          body: contract.universeReplaceBody,
          response: answers(contract.universeChangeAnswer),
        },
      },
      ({ params, body }) => store(params.name, body),
    );

    server.patch(
      '/api/universes/:name',
      {
        config: change,
        schema: {
          tags: ['universes'],
          summary: 'Add members to a universe and remove some, from today on',
          params: contract.universeParams,
          body: contract.universePatchBody,
          response: answers(contract.universeChangeAnswer),
        },
      },
      async ({ params: { name }, body: { add, remove } }) => {
        const changed = await universes.change(name, { add: toMembers(add), remove }, SOURCE);
        if (changed === null) throw notFound(name);
        return toAnswer(name, changed);
      },
    );

    server.delete(
      '/api/universes/:name',
      {
        config: change,
        schema: {
          tags: ['universes'],
          summary: 'Delete a universe and its history',
          params: contract.universeParams,
          response: { '4xx': problem, '5xx': problem },
        },
      },
      async ({ params: { name } }, reply) => {
        if (!(await universes.remove(name))) throw notFound(name);
        return reply.code(204).send(null as never);
      },
    );
  };

/** Of a symbol sent twice the last word counts. */
const toMembers = (sent: readonly SentMember[]): UniverseMember[] => [
  ...new Map(sent.map(toMember).map((one) => [one.symbol, one])).values(),
];

const toMember = (sent: SentMember): UniverseMember =>
  typeof sent === 'string' ? { symbol: sent, name: null, sector: null } : sent;

const toAnswer = (name: string, { added, removed, kept }: MemberChange) => ({
  name,
  total_symbols: added.length + kept.length,
  added: [...added],
  removed: [...removed],
});

/** Bad lines of CSV are faults of the body, each with its place. */
async function withFaults<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BadCsv)) throw error;
    const faults = error.lines.slice(0, MOST_SHOWN).map(({ line, column, problem: message }) => ({
      place: `body.csv line ${line}, column ${column}`,
      message,
    }));
    throw new Problem(400, error.code, error.message, faults);
  }
}

function toFaults(csv: string, bad: readonly BadLine[]) {
  const lines = csv.split(/\r?\n/);
  return bad.slice(0, MOST_SHOWN).map(({ line, column, problem: message }) => ({
    line,
    column,
    text: (lines[line - 1] ?? '').trim().slice(0, SHOWN_CHARACTERS),
    message,
  }));
}

const exists = ({ name, kind }: { readonly name: string; readonly kind: string }): Problem =>
  new Problem(
    409,
    'UNIVERSE_EXISTS',
    kind === 'database'
      ? `There is a universe "${name}" already. Replace it with PUT /api/universes/${name}, or choose another name.`
      : `The universe "${name}" comes with the program and cannot be changed. Choose another name.`,
  );

const notFound = (name: string): Problem =>
  new Problem(404, 'UNIVERSE_NOT_FOUND', `There is no universe "${name}". See GET /api/universes for all.`);
