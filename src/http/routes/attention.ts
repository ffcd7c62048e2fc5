import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { howToSet } from '../../config.ts';
import { answers } from '../answers.ts';
import type { AttentionItem } from '../attention.ts';
import { attentionAnswer } from '../contract-attention.ts';
import type { ServiceContext } from '../context.ts';
import { checkReadiness } from '../readiness.ts';

const MOST_ITEMS = 25;

/** What needs a person. */
export const attentionRoutes =
  (context: ServiceContext): FastifyPluginAsyncZod =>
  async (server) => {
    server.get(
      '/api/attention',
      {
        schema: {
          tags: ['operations'],
          summary: 'What needs a person, with what to do and what does it',
          response: answers(attentionAnswer),
        },
      },
      async () => {
        const troubles = (await checkReadiness(context)).filter(({ ok }) => !ok);
        const isDatabaseAway = troubles.some(({ name }) => name === 'database');
        const known = isDatabaseAway ? [] : await context.attention.get('all');
        const items = [...troubles.map(ofTrouble), ...ofKey(context), ...known];
        return { items: items.slice(0, MOST_ITEMS), more: Math.max(0, items.length - MOST_ITEMS) };
      },
    );
  };

const NOTHING_MORE = { at: null, run_id: null, symbols: 0, action: null } as const;

function ofTrouble({ name, detail }: { readonly name: string; readonly detail: string }): AttentionItem {
  const about = { id: name, detail: `${detail[0]?.toUpperCase()}${detail.slice(1)}.`, ...NOTHING_MORE };
  switch (name) {
    case 'redis':
      return {
        ...about,
        kind: 'redis',
        title: 'Redis is away',
        advice: 'Nothing is lost: start it again, and events follow.',
      };
    case 'disk':
      return {
        ...about,
        kind: 'disk',
        title: 'The disk is nearly full',
        advice: 'Make room before the next import.',
      };
    default:
      return {
        ...about,
        kind: 'database',
        title: 'The database is away',
        advice: 'Imports wait for it: start it again, or see the log of the service for the reason.',
      };
  }
}

function ofKey({ app }: ServiceContext): AttentionItem[] {
  if (app.settings.find('polygon.api_key') !== undefined) return [];
  return [
    {
      kind: 'key',
      id: 'unset',
      title: 'No key for Massive is set',
      detail: 'Nothing can be imported without one.',
      advice: `${howToSet('polygon.api_key')} Then start the service again.`,
      ...NOTHING_MORE,
    },
  ];
}
