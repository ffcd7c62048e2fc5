import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { UniverseMember } from '../../market/universe-member.ts';
import { answers, change } from '../answers.ts';
import * as contract from '../contract.ts';
import type { ServiceContext } from '../context.ts';
import { Problem } from '../problem.ts';

/** Where lists made over HTTP say they came from. */
const SOURCE = 'HTTP';

type SentMember = string | UniverseMember;

/** Named lists of symbols. */
export const universeRoutes =
  ({ app }: ServiceContext): FastifyPluginAsyncZod =>
  async (server) => {
    const { universes } = app;
    const isKnown = async (name: string): Promise<boolean> =>
      (await universes.list()).some((one) => one.name === name);

    const store = async (name: string, sent: readonly SentMember[]) => {
      const members = [...new Map(sent.map(toMember).map((one) => [one.symbol, one])).values()];
      const { added, removed } = await universes.store(name, members, SOURCE);
      return { name, total_symbols: members.length, added: [...added], removed: [...removed] };
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

    server.post(
      '/api/universes',
      {
        config: change,
        schema: {
          tags: ['universes'],
          summary: 'Create a universe',
          body: contract.universeCreateBody,
          response: { 201: contract.universeChangeAnswer, '4xx': contract.problem, '5xx': contract.problem },
        },
      },
      async ({ body }, reply) => {
        if (await isKnown(body.name)) {
          throw new Problem(
            409,
            'UNIVERSE_EXISTS',
            `There is a universe "${body.name}" already. Replace it with PUT /api/universes/${body.name}, or choose another name.`,
          );
        }
        const created = await store(body.name, body.members);
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
      ({ params, body }) => store(params.name, body.members),
    );

    server.delete(
      '/api/universes/:name',
      {
        config: change,
        schema: {
          tags: ['universes'],
          summary: 'Delete a universe and its history',
          params: contract.universeParams,
          response: { '4xx': contract.problem, '5xx': contract.problem },
        },
      },
      async ({ params: { name } }, reply) => {
        if (!(await universes.remove(name))) throw notFound(name);
        return reply.code(204).send(null as never);
      },
    );
  };

const toMember = (sent: SentMember): UniverseMember =>
  typeof sent === 'string' ? { symbol: sent, name: null, sector: null } : sent;

const notFound = (name: string): Problem =>
  new Problem(404, 'UNIVERSE_NOT_FOUND', `There is no universe "${name}". See GET /api/universes for all.`);
