import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeWhere } from './describe-where.ts';

/** Folders that lie beside a full checkout. */
const beside = (name: string): string => fileURLToPath(new URL(`../../../shared/${name}`, import.meta.url));

/** A suite over real market data; see `describeWhere`. */
export const describeWithSharedData = (name: string, suite: (folder: string) => void): void =>
  describeWhere(existsSync(beside('data')), '../shared/data', name, () => suite(beside('data')));

/** A suite over the integration guide's examples; see `describeWhere`. */
export const describeWithContract = (name: string, suite: (folder: string) => void): void =>
  describeWhere(existsSync(beside('contract')), '../shared/contract', name, () => suite(beside('contract')));
