import { z } from 'zod';

/** What is said of the settings; as `contract.ts`. */

export const settingsAnswer = z.object({
  settings: z.array(
    z.object({
      name: z.string().describe('Its path under data_import.'),
      value: z
        .union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()])
        .describe('null: not set. Of a secret only that it is set.'),
      source: z.string().describe('default, a file with its line, an environment variable or a flag.'),
      is_secret: z.boolean(),
      description: z.string(),
    }),
  ),
});
