/** Where the platform listens; the guide's names. */
export const channels = {
  monitoring: 'tickstock:monitoring',
  errors: 'tickstock:errors',
  dailyStatus: 'tickstock:processing:status',
  dailySchedule: 'tickstock:processing:schedule',
} as const;

export type Channel = (typeof channels)[keyof typeof channels];

/** Where each event is published, who is named as its source, and what it says. */
export const eventDescriptions = {
  data_import_started: {
    channel: channels.monitoring,
    source: 'daily_import_job',
    says: 'An attempt of a run begins.',
  },
  job_progress_update: {
    channel: channels.monitoring,
    source: 'job_progress_tracker',
    says: 'Where a run stands; at most four a second, and always the last one.',
  },
  symbol_processing_complete: {
    channel: channels.monitoring,
    source: 'daily_import_job',
    says: 'A symbol has ended, well or badly.',
  },
  data_import_completed: {
    channel: channels.monitoring,
    source: 'daily_import_job',
    says: 'An attempt of a run has ended, whatever the end.',
  },
  critical_error: {
    channel: channels.errors,
    source: 'daily_import_job',
    says: 'Something needs attention, or would without the recovery named. One for each code and symbol of an attempt.',
  },
  daily_processing_started: {
    channel: channels.dailyStatus,
    source: 'daily_processing_scheduler',
    says: 'A daily run begins.',
  },
  daily_processing_progress: {
    channel: channels.dailyStatus,
    source: 'daily_processing_scheduler',
    says: 'Where a daily run stands.',
  },
  daily_processing_completed: {
    channel: channels.dailyStatus,
    source: 'daily_processing_scheduler',
    says: 'A daily run has ended.',
  },
  schedule_updated: {
    channel: channels.dailySchedule,
    source: 'daily_processing_scheduler',
    says: 'The schedule was changed.',
  },
} as const satisfies Record<string, { channel: Channel; source: string; says: string }>;

export type EventName = keyof typeof eventDescriptions;

export const eventNames = Object.keys(eventDescriptions) as EventName[];
