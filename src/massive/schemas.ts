import { z } from 'zod';
import { isIsoDate } from '../market/date.ts';

/** What every JSON answer may carry around its results. */
export const answerSchema = z.object({
  status: z.string().optional(),
  request_id: z.string().optional(),
  error: z.string().optional(),
  message: z.string().optional(),
  next_url: z.string().nullish(),
});

/** The envelope of bars, by range and grouped. */
export const barsSchema = z.object({
  status: z.string(),
  ticker: z.string().optional(),
  adjusted: z.boolean(),
  resultsCount: z.number(),
});

const date = z.string().refine(isIsoDate);

export const splitSchema = z.object({
  ticker: z.string().min(1),
  execution_date: date,
  split_from: z.number().positive(),
  split_to: z.number().positive(),
});

export const tickerSchema = z.object({
  ticker: z.string().min(1),
  name: z.string().nullish(),
  type: z.string().nullish(),
  primary_exchange: z.string().nullish(),
  active: z.boolean().nullish(),
  list_date: date.nullish(),
  delisted_utc: z.string().nullish(),
});

export const marketStatusSchema = z.object({
  market: z.string(),
  serverTime: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
});
