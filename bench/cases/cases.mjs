import { endToEnd } from './end-to-end.mjs';
import { storing } from './storing.mjs';
import { pacing } from './pacing.mjs';
import { sp500 } from './sp500.mjs';
import { wholeMarket } from './whole-market.mjs';

/** In the order of the table. */
export const cases = [storing, endToEnd, sp500, wholeMarket, pacing];
