import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { clusterFolder, copyFolder, postmasterPid } from '../../../test/support/embedded.ts';
import { joinEmbedded } from './join.ts';
import { isServerProcess, serverProcesses } from './server-processes.ts';

let folder: string;
let dataDir: string;
let tests = 0;

beforeAll(async () => {
  folder = await mkdtemp('/tmp/tickstock-test-');
  await (await joinEmbedded({ dataDir: path.join(folder, 'seed') })).release();
});
beforeEach(async () => {
  tests += 1;
  dataDir = await copyFolder(path.join(folder, 'seed'), path.join(folder, `test ${tests}`));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Joins, asks, leaves; true when the server answered and is gone again. */
async function joinsAndLeaves(): Promise<boolean> {
  const server = await joinEmbedded({ dataDir });
  const client = new Client(server.connection);
  await client.connect();
  const { rows } = await client.query<{ yes: boolean }>('SELECT true AS yes');
  await client.end();
  const pid = await postmasterPid(dataDir);
  await server.release();
  return rows[0]?.yes === true && !(await isServerProcess(pid, clusterFolder(dataDir)));
}

const lockFile = (name: string): string => path.join(clusterFolder(dataDir), name);

test('a killed server is started again for who holds it', async () => {
  const notices: string[] = [];
  const server = await joinEmbedded({ dataDir, onNotice: (line) => notices.push(line) });
  const killed = await postmasterPid(dataDir);
  process.kill(killed, 'SIGKILL');
  await expect.poll(() => postmasterPid(dataDir).catch(() => killed), { timeout: 10_000 }).not.toBe(killed);
  await expectToJoinWhileHeld();
  expect(notices).toContain('The embedded PostgreSQL went away; starting it again.');
  await server.release();
  expect(await serverProcesses(clusterFolder(dataDir), undefined)).toEqual([]);
});

/** Another comes and goes; whoever holds the server has it, perhaps started once more. */
async function expectToJoinWhileHeld(): Promise<void> {
  const other = await joinEmbedded({ dataDir });
  await other.release();
  await expect
    .poll(() => serverProcesses(clusterFolder(dataDir), undefined), { timeout: 10_000 })
    .not.toEqual([]);
}

test('lock files of a dead server whose pid another program has by now are cleared', async () => {
  // This test's own process stands for the other program.
  await writeFile(lockFile('postmaster.pid'), `${process.pid}\n/proc/self/cwd\n1\n5432\n.\n\n`);
  await writeFile(lockFile('.s.PGSQL.5432.lock'), `${process.pid}\n/proc/self/cwd\n1\n5432\n.\n`);
  expect(await joinsAndLeaves()).toBe(true);
});

test('empty lock files, as a power cut leaves them, are cleared', async () => {
  for (const name of ['postmaster.pid', '.s.PGSQL.5432.lock']) {
    await writeFile(lockFile(name), '');
    await utimes(lockFile(name), 0, 0);
  }
  expect(await joinsAndLeaves()).toBe(true);
});

test('a backend still at work for a dead server is ended before the next starts', async () => {
  const server = await joinEmbedded({ dataDir });
  const busy = new Client(server.connection);
  busy.on('error', () => {});
  await busy.connect();
  const { rows } = await busy.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const work = busy
    .query('SELECT count(*) FROM generate_series(1, 1e12::bigint)')
    .catch((error: Error) => error);
  process.kill(await postmasterPid(dataDir), 'SIGKILL');
  await expectToJoinWhileHeld();
  expect(await isServerProcess(rows[0]?.pid ?? 0, clusterFolder(dataDir))).toBe(false);
  expect(await work).toBeInstanceOf(Error);
  await server.release();
});

test('a server that cannot come up says why, and where its log is', async () => {
  await writeFile(lockFile('postgresql.auto.conf'), 'shared_buffers = nonsense\n');
  await expect(joinEmbedded({ dataDir })).rejects.toThrow(/nonsense[^]*server\.log/);
  expect(await readFile(path.join(dataDir, 'postgres', 'server.log'), 'utf8')).toContain('nonsense');
});
