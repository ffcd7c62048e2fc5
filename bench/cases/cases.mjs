import { sp500 } from './sp500.mjs';

/** In the order of the table. */
export const cases = [sp500];
