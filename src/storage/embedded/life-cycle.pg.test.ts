import { existsSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  buildHolder,
  clusterFolder,
  copyFolder,
  makeFolder,
  postmasterPid,
} from '../../../test/support/embedded.ts';
import type { Holder } from '../../../test/support/embedded.ts';
import { startEmbedded, stopEmbedded } from './control.ts';
import { joinEmbedded } from './join.ts';
import { isServerProcess } from './server-processes.ts';

let folder: string;
let holder: (dataDir: string) => Holder;
const isRoot = process.getuid?.() === 0;

beforeAll(async () => {
  folder = await mkdtemp('/tmp/tickstock-test-');
  holder = await buildHolder(folder);
  await (await joinEmbedded({ dataDir: path.join(folder, 'seed') })).release();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const created = (name: string): Promise<string> =>
  copyFolder(path.join(folder, 'seed'), path.join(folder, name));

const runs = async (dataDir: string): Promise<boolean> =>
  existsSync(path.join(clusterFolder(dataDir), 'postmaster.pid')) &&
  isServerProcess(await postmasterPid(dataDir), clusterFolder(dataDir));

async function ask<T>(config: object, sql: string): Promise<T[]> {
  const client = new Client(config);
  await client.connect();
  try {
    return (await client.query<T[] & object>(sql)).rows as T[];
  } finally {
    await client.end();
  }
}

describe('several processes', () => {
  test('that start at once on a new folder share one server, which the last to leave stops', async () => {
    const dataDir = path.join(folder, 'together');
    const holders = [holder(dataDir), holder(dataDir), holder(dataDir)];
    await Promise.all(holders.map(({ joined }) => joined));
    const pid = await postmasterPid(dataDir);

    await Promise.all(holders.slice(1).map((each) => each.release()));
    expect(await isServerProcess(pid, clusterFolder(dataDir))).toBe(true);
    await holders[0]?.release();
    expect(await isServerProcess(pid, clusterFolder(dataDir))).toBe(false);
  });

  test('that leave at once leave no server behind', async () => {
    const dataDir = await created('leaving');
    const holders = [holder(dataDir), holder(dataDir), holder(dataDir)];
    await Promise.all(holders.map(({ joined }) => joined));
    await Promise.all(holders.map((each) => each.release()));
    expect(await runs(dataDir)).toBe(false);
  });

  test('that lose a killed one go on, and the next to leave stops the server', async () => {
    const dataDir = await created('killed');
    const victim = holder(dataDir);
    await victim.joined;
    await victim.kill();
    expect(await runs(dataDir)).toBe(true);

    const next = await joinEmbedded({ dataDir });
    expect(await ask(next.connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await next.release();
    expect(await runs(dataDir)).toBe(false);
  });

  test('keep their server when Ctrl-C ends the one that started it', async () => {
    const dataDir = await created('interrupted');
    const starter = holder(dataDir);
    await starter.joined;
    const other = await joinEmbedded({ dataDir });
    const ended = new Promise((resolve) => starter.process.once('exit', resolve));
    process.kill(-(starter.process.pid ?? 0), 'SIGINT');
    await ended;
    expect(await ask(other.connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await other.release();
  });

  test('all get the server back when it is killed, once', async () => {
    const dataDir = await created('rejoined');
    const holders = [holder(dataDir), holder(dataDir), holder(dataDir)];
    await Promise.all(holders.map(({ joined }) => joined));
    process.kill(await postmasterPid(dataDir), 'SIGKILL');

    const next = await joinEmbedded({ dataDir });
    await next.release();
    for (const each of holders) await each.release();
    expect(await runs(dataDir)).toBe(false);
  });
});

describe('a server', () => {
  test('is created where a path is deep, has spaces and is relative', async () => {
    const deep = await makeFolder(folder, 'with space', ...Array.from({ length: 12 }, () => 'deep folder'));
    const server = await joinEmbedded({ dataDir: path.relative(process.cwd(), deep) });
    expect(server.connection.host.length).toBeLessThan(80);
    expect(await ask({ connectionString: server.url }, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.release();
    expect(existsSync(server.connection.host)).toBe(false);
    expect(await runs(deep)).toBe(false);
  });

  test('speaks UTC and compares text by code point, and keeps what was committed', async () => {
    const dataDir = await created('settings');
    const first = await joinEmbedded({ dataDir });
    const [row] = await ask<object>(
      first.connection,
      `SELECT current_setting('timezone') AS zone, current_setting('fsync') AS fsync, datlocale AS locale
         FROM pg_database WHERE datname = current_database()`,
    );
    expect(row).toEqual({ zone: 'UTC', fsync: 'on', locale: 'C.UTF-8' });
    await ask(first.connection, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.release();

    const second = await joinEmbedded({ dataDir });
    expect(await ask(second.connection, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await second.release();
  });

  test('lets only its owner near its socket and its files', async () => {
    const dataDir = await created('private');
    const server = await joinEmbedded({ dataDir });
    for (const each of [path.join(dataDir, 'postgres'), clusterFolder(dataDir)]) {
      expect((await stat(each)).mode & 0o077).toBe(0);
    }
    expect((await stat(path.join(dataDir, 'postgres', 'server.log'))).mode & 0o077).toBe(0);
    await server.release();
  });

  test.runIf(isRoot)('of root runs as nobody, or as the owner of the data folder (needs root)', async () => {
    const mine = await makeFolder(folder, 'closed', 'of root');
    await chmod(path.dirname(mine), 0o700);
    const theirs = await makeFolder(folder, 'closed', 'of another');
    await chown(theirs, 1, 1);
    for (const [dataDir, uid] of [
      [mine, 65_534],
      [theirs, 1],
    ] as const) {
      const server = await joinEmbedded({ dataDir });
      expect((await stat(`/proc/${await postmasterPid(dataDir)}`)).uid).toBe(uid);
      await server.release();
    }
    expect((await stat(path.join(theirs, 'postgres'))).uid).toBe(1);
  });

  test('is not started for a caller who gave up', async () => {
    const dataDir = await created('aborted');
    const reason = new Error('enough');
    await expect(joinEmbedded({ dataDir, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(await runs(dataDir)).toBe(false);
  });
});

describe('db start and db stop', () => {
  test('keep the server up until it is stopped, which waits for nobody only when forced', async () => {
    const dataDir = await created('kept up');
    const url = await startEmbedded({ dataDir });
    expect(await runs(dataDir)).toBe(true);
    expect(await startEmbedded({ dataDir })).toBe(url);
    const user = await joinEmbedded({ dataDir });
    await expect(stopEmbedded({ dataDir, force: false })).rejects.toThrow(
      `in use: tickstock process ${process.pid}`,
    );
    await user.release();
    expect(await runs(dataDir)).toBe(true);

    const notices: string[] = [];
    const another = await joinEmbedded({ dataDir, onNotice: (line) => notices.push(line) });
    expect(await stopEmbedded({ dataDir, force: true })).toBe(true);
    await another.release();
    expect(notices).toEqual([]);
    expect(await runs(dataDir)).toBe(false);
    expect(await stopEmbedded({ dataDir, force: false })).toBe(false);
  });

  test('take TCP by password on a free port of this machine, and say what runs already', async () => {
    const dataDir = await created('listening');
    const listen = { host: '127.0.0.1', port: 20_000 + (process.pid % 10_000) };
    const url = await startEmbedded({ dataDir, listen });
    expect(await ask({ connectionString: url }, 'SELECT inet_server_port() AS port')).toEqual([
      { port: listen.port },
    ]);
    await expect(ask({ connectionString: url.replace(/:[^:@]+@/, ':wrong@') }, 'SELECT 1')).rejects.toThrow(
      'password',
    );
    await expect(startEmbedded({ dataDir, listen: { ...listen, port: 1 + listen.port } })).rejects.toThrow(
      'db stop',
    );
    expect(await stopEmbedded({ dataDir, force: false })).toBe(true);
    expect((await stat(path.join(dataDir, 'postgres', 'password'))).mode & 0o777).toBe(0o600);
  });
});
