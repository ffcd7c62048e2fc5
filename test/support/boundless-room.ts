import type { Room } from '../../src/room.ts';

/** A machine that is large enough for anything. */
export const boundlessRoom: Room = { requireMemory() {}, async requireDisk() {} };
