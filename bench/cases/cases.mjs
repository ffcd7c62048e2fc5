import { endToEnd } from './end-to-end.mjs';
import { growth } from './growth.mjs';
import { http } from './http.mjs';
import { nightly } from './nightly.mjs';
import { pacing } from './pacing.mjs';
import { reading } from './reading.mjs';
import { sp500 } from './sp500.mjs';
import { start } from './start.mjs';
import { storing } from './storing.mjs';
import { wholeMarket } from './whole-market.mjs';
import { workers } from './workers.mjs';

/** In the order of the table. */
export const cases = [
  storing,
  endToEnd,
  sp500,
  nightly,
  growth,
  workers,
  wholeMarket,
  pacing,
  http,
  reading,
  start,
];
