import { z } from 'zod';
import { errorCodes } from '../errors.ts';

/** Fields of what processes tell each other about a run. */
export const dateField = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
export const timeframeField = z.enum(['hourly', 'daily']);
export const failureField = z.object({ code: z.enum(errorCodes), message: z.string() });
