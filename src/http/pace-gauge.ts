import type { z } from 'zod';
import type { App } from '../app.ts';
import type { pacingAnswer } from './contract-pacing.ts';
import { inTime } from './in-time.ts';
import { createShortCache } from './short-cache.ts';

type Pacing = z.infer<typeof pacingAnswer>;

/** However many ask, the pace is looked at so often. */
const FRESHNESS = { freshMs: 500, usableMs: 500 };
/** The use is measured between looks over this time. */
const WINDOW_MS = 10_000;

/** How much of what the pacing allows is used, by everybody with the key, between the looks of whoever asks. */
export function createPaceGauge(
  pacer: Pick<App['pacer'], 'state'>,
  now: () => number = () => performance.now(),
): () => Promise<Pacing> {
  let looks: { readonly at: number; readonly changes: number; readonly grants: number }[] = [];
  const cache = createShortCache(FRESHNESS, now, async (): Promise<Pacing> => {
    const { gapMs, changes, grants } = await inTime(pacer.state());
    const at = now();
    // Grants are counted anew from each change of the pace.
    looks = [
      ...looks.filter((look) => look.changes === changes && at - look.at <= WINDOW_MS),
      { at, changes, grants },
    ];
    const first = looks[0]!;
    const perSecond = at === first.at ? null : ((grants - first.grants) * 1000) / (at - first.at);
    if (gapMs === 0) return { allowed_per_second: null, used_per_second: null, share: null };
    return {
      allowed_per_second: rounded(1000 / gapMs),
      used_per_second: perSecond === null ? null : rounded(perSecond),
      share: perSecond === null ? null : Math.min(1, rounded((perSecond * gapMs) / 1000)),
    };
  });
  return () => cache.get('all');
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
