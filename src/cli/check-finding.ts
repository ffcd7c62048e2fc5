import type { AppError } from '../errors.ts';

/** One thing looked at, and what to do about it. */
export interface Finding {
  readonly what: string;
  readonly level: 'ok' | 'warning' | 'failed';
  /** False when an import could not work, or something set cannot be used. */
  readonly ok: boolean;
  /** What was found, or what failed and what to do. */
  readonly detail: string;
  readonly exitCode: number;
  /** What comes next because of this finding, where that is no import. */
  readonly remedy?: string;
  /** What an import should be given because of this finding. */
  readonly importFlag?: string;
}

type Consequence = Pick<Finding, 'remedy' | 'importFlag'>;

export const passed = (what: string, detail: string): Finding => ({
  what,
  level: 'ok',
  ok: true,
  detail,
  exitCode: 0,
});

export const warned = (what: string, detail: string, consequence: Consequence = {}): Finding => ({
  ...passed(what, detail),
  level: 'warning',
  ...consequence,
});

export const failed = (
  what: string,
  error: Pick<AppError, 'message' | 'exitCode'>,
  consequence: Consequence = {},
): Finding => ({
  what,
  level: 'failed',
  ok: false,
  detail: error.message,
  exitCode: error.exitCode,
  ...consequence,
});

/** What to do after a check: away with the first obstacle, else the first import. */
export function nextStep(findings: readonly Finding[]): string {
  const obstacle = findings.find(({ ok }) => !ok);
  if (obstacle !== undefined)
    return obstacle.remedy ?? `mend what failed, ${obstacle.what} first, then: tickstock check`;
  const remedy = findings.find((finding) => finding.remedy !== undefined)?.remedy;
  if (remedy !== undefined) return remedy;
  const flags = findings.flatMap(({ importFlag }) => (importFlag === undefined ? [] : [` ${importFlag}`]));
  const doubt = findings.some(({ level }) => level === 'warning') ? 'look at the warnings, then: ' : '';
  return `${doubt}tickstock import --universe dow30${flags.join('')}`;
}
