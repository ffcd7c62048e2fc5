import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { shownValue } from '../../config.ts';
import { answers } from '../answers.ts';
import { settingsAnswer } from '../contract-settings.ts';
import type { ServiceContext } from '../context.ts';

/** The settings of this process. */
export const settingRoutes =
  ({ app }: ServiceContext): FastifyPluginAsyncZod =>
  async (server) => {
    server.get(
      '/api/settings',
      {
        schema: {
          tags: ['operations'],
          summary: 'Every setting as it takes effect here, and where it came from',
          description: 'As tickstock config shows it. Secrets are not told.',
          response: answers(settingsAnswer),
        },
      },
      async () => ({
        settings: app.settings.effective.map((setting) => {
          const value = shownValue(setting);
          return {
            name: setting.path,
            value: typeof value === 'object' && value !== null ? [...value] : value,
            source: setting.source,
            is_secret: setting.secret,
            description: setting.description,
          };
        }),
      }),
    );
  };
