import { describe, expect, it } from 'vitest';
import { findSpace } from './check-disk.ts';

describe('the disk', () => {
  it.each([
    [
      84.36e9,
      'ok',
      0,
      /^84\.4 GB free for \.\/data; the S&P 500 at the default lookbacks takes about 0\.4 GB$/,
    ],
    [0.99e9, 'warning', 0, /^1\.0 GB free for \.\/data, which is scarce: the S&P 500 /],
    [
      0.19e9,
      'failed',
      75,
      /^0\.2 GB free for \.\/data, too little .*\. Make room, or set TICKSTOCK_DATA_DIR/,
    ],
    [0, 'failed', 75, /^0\.0 GB free/],
  ])('with %d bytes free is %s', (bytes, level, exitCode, detail) => {
    expect(findSpace(bytes, './data')).toMatchObject({
      level,
      exitCode,
      detail: expect.stringMatching(detail),
    });
  });
});
