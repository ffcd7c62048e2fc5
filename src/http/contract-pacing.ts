import { z } from 'zod';

/** What is said of the request rate limit; as `contract.ts`. */

export const pacingAnswer = z.object({
  allowed_per_second: z
    .number()
    .nullable()
    .describe('Requests, as set or as refusals have taught; null when unpaced.'),
  used_per_second: z
    .number()
    .nullable()
    .describe('By everybody with the key, since it was asked for in the last ten seconds; null at first.'),
  share: z.number().min(0).max(1).nullable().describe('Of what is allowed.'),
});
