import { describe, expect, it } from 'vitest';
import { loadSettings } from './config.ts';
import { type Machine, type Room, createRoom } from './room.ts';

const roomOn = (
  machine: Partial<Machine>,
  env: Record<string, string> = { TICKSTOCK_DATA_DIR: '/data' },
): Room =>
  createRoom(loadSettings({ env, flags: {} }), {
    freeMemory: () => 1e9,
    memoryLimit: () => 0,
    freeDisk: async () => 1e9,
    ...machine,
  });

describe('the room for an import', () => {
  it('is enough on a usual machine, or in a container of half a gigabyte', async () => {
    for (const memoryLimit of [() => 0, () => 512e6, () => 2 ** 64]) {
      const room = roomOn({ memoryLimit });
      expect(() => room.requireMemory()).not.toThrow();
      await expect(room.requireDisk(1_000_000)).resolves.toBeUndefined();
    }
  });

  it.each([
    [
      { freeMemory: () => 80e6 },
      /^Only 80 MB of memory are free, and an import takes up to 200 MB: nothing was begun/,
    ],
    [{ memoryLimit: () => 128e6 }, /^This process is limited to 128 MB of memory/],
  ])('is refused for want of memory', (machine, message) => {
    expect(() => roomOn(machine).requireMemory()).toThrow(
      expect.objectContaining({ code: 'INTERNAL', retryable: true, message: expect.stringMatching(message) }),
    );
  });

  it('is refused for want of disk, by what the import may bring', async () => {
    const room = roomOn({ freeDisk: async (folder) => (folder === '/data' ? 600e6 : 0) });
    await room.requireDisk(1_000_000);
    await expect(room.requireDisk(1_000_001)).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message:
        'Not begun: the import may bring 1,000,001 bars, which need about 600 MB, and 600 MB are free for /data. Make room, ask for less, or set TICKSTOCK_DATA_DIR elsewhere.',
    });
  });

  it('is not looked for on a disk that cannot be seen', async () => {
    const freeDisk = (): never => expect.unreachable();
    await roomOn({ freeDisk }, { DATABASE_URL: 'postgresql://elsewhere/bars' }).requireDisk(1e12);
  });
});
