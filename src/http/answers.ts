import type { ZodType } from 'zod';
import { problem } from './contract.ts';

/** The answers of a route for its documentation: its own, and the problems any route may have. */
export const answers = <T extends ZodType>(
  ok: T,
): { 200: T; '4xx': typeof problem; '5xx': typeof problem } => ({
  200: ok,
  '4xx': problem,
  '5xx': problem,
});

/** The configuration of routes that change something. */
export const change = { access: 'write' } as const;

/** The configuration of routes anybody may call. */
export const open = { access: 'none' } as const;
