import { describe, expect, it } from 'vitest';
import { failed, nextStep, passed, warned } from './check-finding.ts';

const key = failed('key', { message: 'no', exitCode: 5 });

describe('the next step', () => {
  it('is the first import when all is well', () => {
    expect(nextStep([passed('key', '')])).toBe('tickstock import --universe dow30');
  });

  it('is the import with what the warnings ask for', () => {
    const warnings = [
      warned('hourly', '', { importFlag: '--timeframes daily' }),
      warned('disk', ''),
      warned('pacing', '', { importFlag: '--rate-limit-ms 12500' }),
    ];
    expect(nextStep(warnings)).toBe(
      'look at the warnings, then: tickstock import --universe dow30 --timeframes daily --rate-limit-ms 12500',
    );
  });

  it('is a remedy rather than an import that could not work', () => {
    const plan = warned('plan', '', { remedy: 'choose a plan' });
    expect(nextStep([plan, warned('pacing', '', { importFlag: '--rate-limit-ms 12500' })])).toBe(
      'choose a plan',
    );
  });

  it('is to mend the first thing that failed, whatever was warned of', () => {
    const plan = warned('plan', '', { remedy: 'choose a plan' });
    const redis = failed('redis', { message: 'no', exitCode: 75 });
    expect(nextStep([plan, key, redis])).toBe('mend what failed, key first, then: tickstock check');
    expect(nextStep([failed('vendor', { message: 'no', exitCode: 75 }, { remedy: 'wait' }), key])).toBe(
      'wait',
    );
  });
});
