import type { IsoDate } from './date.ts';

/** `to` new shares for `from` old ones: bars before `executionDate` are quoted in old shares. */
export interface Split {
  readonly symbol: string;
  readonly executionDate: IsoDate;
  readonly from: number;
  readonly to: number;
}
