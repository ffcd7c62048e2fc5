import { deliveries } from './deliveries.ts';
import { envelopes } from './envelopes.ts';
import type { Fault } from './fault.ts';
import { hole } from './hole.ts';
import { refusals } from './refusals.ts';
import { rowFaults } from './rows.ts';

/** Every fault of the vendor that users have reported, in the order in which they are applied. */
export const catalogue: readonly Fault[] = [...refusals, ...rowFaults, hole, ...envelopes, ...deliveries];

/** True when a fault can happen on a route. */
export const fits = ({ routes }: Pick<Fault, 'routes'>, route: string): boolean =>
  routes === undefined || routes.some((name) => route === name || route.startsWith(`${name}/`));
