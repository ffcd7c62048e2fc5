import type { App } from '../app.ts';
import type { Clock } from '../clock.ts';
import type { SettingPath, Settings } from '../config.ts';

/** What a command gets from the program around it. Data goes to `out`, progress and notices to `err`. */
export interface CliContext {
  readonly out: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  /** Aborts at Ctrl-C or SIGTERM, with an AppError as reason. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** The effective settings; values of flags win over environment and file. Throws CONFIG_INVALID. */
  settings(flags?: Partial<Readonly<Record<SettingPath, string | undefined>>>): Settings;
  /** Opens the program on its database for the time of `work`, and closes it whatever happens. `needs` is createApp's. */
  withApp<T>(
    settings: Settings,
    work: (app: App) => Promise<T>,
    needs?: { readonly vendor?: boolean; readonly isMigrated?: boolean },
  ): Promise<T>;
  /** Sets the exit code the program ends with. */
  exitWith(code: number): void;
}
