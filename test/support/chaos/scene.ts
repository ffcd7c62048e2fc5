import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Subscriber, subscribe } from '../subscriber.ts';
import type { Drive, Fleet, Query } from './fleets.ts';
import type { Ground } from './ground.ts';
import { type Member, startMember } from './member.ts';
import { type VendorTraffic, createVendorTraffic } from './vendor-traffic.ts';
import { waitUntil } from './wait-until.ts';

/** A fleet on the ground with a database, links and a listener of its own: what one import needs. */
export interface Scene {
  readonly databaseName: string;
  /** Around all proxies. */
  readonly query: Query;
  readonly members: readonly Member[];
  readonly traffic: VendorTraffic;
  readonly subscriber: Subscriber;
  /** Begins the import; null when that did not work. */
  begin(): Promise<Drive | null>;
  close(): Promise<void>;
}

const BEGIN_PATIENCE_MS = 60_000;

/** An odd seed gives Redis a memory that outlives it. */
export async function openScene(ground: Ground, fleet: Fleet, seed: number): Promise<Scene> {
  const { database, redis, vendorPort, sandbox } = ground;
  await redis.begin({ persistent: seed % 2 === 1 });
  sandbox.setFaults(ground.holes);
  const databaseName = await ground.copyHistory();
  const folder = path.join(ground.folder, databaseName);
  mkdirSync(folder);
  const query: Query = (sql) => database.ask(sql, databaseName);
  const traffic = createVendorTraffic();
  const subscriber = await subscribe(redis.url);
  const members: Member[] = [];
  const close = async (): Promise<void> => {
    subscriber.close();
    await Promise.all(members.map((member) => member.close()));
    await ground.drop(databaseName);
  };
  try {
    for (const spec of fleet.members) {
      const servers = { socket: database.socket, database: databaseName, redisPort: redis.port, vendorPort };
      const env = { ...ground.env, ...fleet.env };
      members.push(await startMember(spec, { ...servers, folder, traffic, env }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    databaseName,
    query,
    members,
    traffic,
    subscriber,
    async begin() {
      const drive = fleet.drive(members, ground.asked, query);
      return waitUntil(async () => ((await drive.begun()) ? drive : null), BEGIN_PATIENCE_MS);
    },
    close,
  };
}
