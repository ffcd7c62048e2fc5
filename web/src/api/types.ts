import type { z } from 'zod';
import type * as contract from '../../../src/http/contract.ts';
import type * as daily from '../../../src/http/contract-daily.ts';
import type * as plan from '../../../src/http/contract-plan.ts';
import type * as settings from '../../../src/http/contract-settings.ts';
import type * as universes from '../../../src/http/contract-universes.ts';

/** What the service says and hears, as its contract has it. */
type Said<T extends z.ZodType> = z.output<T>;
type Sent<T extends z.ZodType> = z.input<T>;

export type Problem = Said<typeof contract.problem>;
export type Trigger = Sent<typeof contract.triggerBody>;
export type Triggered = Said<typeof contract.triggerAnswer>;
export type RunStatus = Said<typeof contract.statusAnswer>;
export type Runs = Said<typeof contract.runsAnswer>;
export type RunSummary = Said<typeof contract.runSummary>;
export type RunSymbols = Said<typeof contract.runSymbolsAnswer>;
export type RunSymbol = RunSymbols['symbols'][number];
export type Market = Said<typeof daily.marketAnswer>;
export type Schedule = Said<typeof daily.scheduleAnswer>;
export type ScheduleChange = Sent<typeof daily.scheduleBody>;
export type Ready = Said<typeof contract.readyAnswer>;
export type Plan = Said<typeof plan.planAnswer>;
export type SchedulePreview = Said<typeof daily.schedulePreviewAnswer>;
export type Settings = Said<typeof settings.settingsAnswer>;
export type Universes = Said<typeof universes.universesAnswer>;
export type Universe = Said<typeof universes.universeAnswer>;
export type UniverseHistory = Said<typeof universes.universeHistoryAnswer>;
export type UniversePatch = Sent<typeof universes.universePatchBody>;
export type UniverseChange = Said<typeof universes.universeChangeAnswer>;
export type CsvCheck = Said<typeof universes.csvCheckAnswer>;
export type ExpressionMembers = Said<typeof universes.expressionAnswer>;
export type Comparison = Said<typeof universes.comparisonAnswer>;
