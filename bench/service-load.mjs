// The service under load during an import at 12 ms from the sandbox: many clients that follow events, and many requests
// for the run's status. Prints a Markdown table; the rows of bench/results.md come from here. Ends with 1 when a request
// failed or a client missed an event. Usage: node bench/service-load.mjs [--times N] [--seconds 30] [--rate 1000] [--clients 200]
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { listAll } from './generated-market.mjs';
import { numberOption } from './options.mjs';
import { ready, since, stop, stopDatabase } from './programs.mjs';

const SELF = fileURLToPath(import.meta.url);
const PACING_MS = 12;
const LIST = 'load';
const P99_BOUND_MS = 50;
const SLOWER_BOUND = 0.1;
/** What is idle by then is not busy with the load any more. */
const SETTLE_MS = 3000;
const PATIENCE_MS = 10_000;
/** A service that has just started compiles its code while it answers, which is not what is measured. */
const WARM_UP_MS = 5000;
const CONNECTIONS = 100;

const times = numberOption('--times', 1);
const seconds = numberOption('--seconds', 30);
const rate = numberOption('--rate', 1000);
const clients = numberOption('--clients', 200);
// A daily and an hourly series each: pacing alone takes so long.
const symbols = Math.ceil((seconds * 1000) / PACING_MS / 2);

if (process.send === undefined) await compare();
else await generate();

async function compare() {
  console.log(
    '| case | import s | status requests | errors | p50 ms | p99 ms | max ms | SSE clients | events a client | gaps or repeats | RSS MB start | peak | end |\n' +
      '|---|---|---|---|---|---|---|---|---|---|---|---|---|',
  );
  const alone = [];
  const loaded = [];
  // In turns, so that a machine that gets slower or faster is fair to both.
  for (let n = 0; n < times; n++) {
    alone.push(await measure(false));
    printRow('without load', [alone[n]]);
    loaded.push(await measure(true));
    printRow('with load', [loaded[n]]);
  }
  if (times > 1) {
    printRow(`without load, median of ${times}`, alone);
    printRow(`with load, median of ${times}`, loaded);
  }
  const slower = middle(loaded, 'seconds') / middle(alone, 'seconds') - 1;
  const bound = (middle(alone, 'seconds') * (1 + SLOWER_BOUND)).toFixed(1);
  const peak = middle(loaded, 'peakMb') - middle(alone, 'peakMb');
  console.log(
    `| bound | < ${bound} | ${rate} a second | 0 | | ${P99_BOUND_MS} | | ${clients} | the same | 0 | | flat | |\n`,
  );
  console.log(
    `Import of ${symbols} symbols slower by ${(slower * 100).toFixed(1)} % (bound: ${SLOWER_BOUND * 100} %); peak memory ` +
      `${peak < 0 ? 'lower' : 'higher'} by ${Math.abs(peak).toFixed(0)} MB with load. ` +
      `Of the latencies the generator's own lateness is ${middle(loaded, 'lateMs').toFixed(1)} ms at its p99.`,
  );
  const isCorrect = loaded.every((run) => run.errors === 0 && run.gaps === 0 && run.clients === clients);
  if (!isCorrect) process.exitCode = 1;
}

/** Figures of several runs are their medians, except what must not happen at all: that is summed. */
function printRow(name, runs) {
  const sum = (field) => runs.reduce((total, run) => total + run[field], 0);
  const cells = [
    name,
    middle(runs, 'seconds').toFixed(1),
    middle(runs, 'requests'),
    sum('errors'),
    ...['p50', 'p99', 'max'].map((field) => middle(runs, field)?.toFixed(1) ?? ''),
    Math.min(...runs.map((run) => run.clients)),
    middle(runs, 'events'),
    sum('gaps'),
    ...['startMb', 'peakMb', 'endMb'].map((field) => middle(runs, field).toFixed(0)),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

function middle(runs, field) {
  return runs.map((run) => run[field]).toSorted((a, b) => a - b)[Math.floor(runs.length / 2)];
}

/** One import into a new database. */
async function measure(isLoaded) {
  const dataDir = mkdtempSync(join(tmpdir(), 'tickstock-bench-'));
  const env = { TICKSTOCK_DATA_DIR: dataDir };
  const started = [];
  const begin = async (args, extra) => {
    const program = await ready(args, { ...env, ...extra });
    started.push(program);
    return program;
  };
  try {
    const vendor = await begin(['sandbox', '--port', '0', '--symbols', String(symbols + 1)]);
    const { url, child: service } = await begin(['serve', '--port', '0'], {
      MASSIVE_BASE_URL: vendor.url,
      MASSIVE_API_KEY: vendor.key,
      DATA_IMPORT_POLYGON_RATE_LIMIT_MS: String(PACING_MS),
      DATA_IMPORT_SERVICE_LOG_LEVEL: 'error',
      // Only the import that is measured.
      DATA_IMPORT_SCHEDULE_ENABLED: 'false',
    });
    const listed = await listAll(vendor, '/v3/reference/tickers?market=stocks&active=true&limit=1000');
    const [warmUp, ...members] = listed.slice(0, symbols + 1).map(({ ticker }) => ticker);
    await ask(`${url}/api/universes/${LIST}`, 'PUT', { members });
    const warmUpId = await trigger(url, { symbols: [warmUp] });
    await ended(url, warmUpId, 1);
    // Its last events are handed on a moment later, and are not to be counted.
    await delay(SETTLE_MS);

    const startMb = memoryOf(service.pid);
    let peakMb = startMb;
    const watch = setInterval(() => (peakMb = Math.max(peakMb, memoryOf(service.pid))), 100);
    let generator;
    if (isLoaded) {
      generator = fork(SELF, process.argv.slice(2), { env: { PATH: process.env.PATH } });
      started.push({ stop: () => stop(generator) });
      generator.send({ url, warmUpId });
      await messageOf(generator);
    }
    const startedAt = performance.now();
    const runId = await trigger(url, { universes: [LIST] });
    generator?.send({ runId });
    await ended(url, runId, symbols);
    const took = since(startedAt);
    let load = { requests: 0, errors: 0, clients: 0, events: 0, gaps: 0 };
    if (generator !== undefined) {
      await delay(Math.max(0, seconds - took) * 1000);
      generator.send({ stop: true });
      load = await messageOf(generator);
    }
    await delay(SETTLE_MS);
    clearInterval(watch);
    return { ...load, seconds: took, startMb, peakMb, endMb: memoryOf(service.pid) };
  } finally {
    // The service before what it uses.
    for (const program of started.toReversed()) await program.stop();
    stopDatabase(env);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function trigger(url, body) {
  return (await ask(`${url}/api/processing/import/trigger`, 'POST', body)).run_id;
}

async function ended(url, runId, count) {
  for (;;) {
    const { status, completed } = await ask(`${url}/api/processing/import/runs/${runId}`);
    if (status === 'completed' && completed === count) return;
    if (status !== 'in_progress')
      throw new Error(`the run is ${status} with ${completed} of ${count} symbols`);
    // Rarely, because asking takes processor time too.
    await delay(200);
  }
}

async function ask(address, method = 'GET', body = undefined) {
  const response = await fetch(address, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  // The load may have used up what one address may ask in a second.
  if (response.status === 429) return delay(100).then(() => ask(address, method, body));
  if (!response.ok) throw new Error(`${method} ${address}: ${response.status} ${await response.text()}`);
  return response.json();
}

function messageOf(child) {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the load generator ended with ${code}`)));
  });
}

/** Resident memory of a process in MB; 0 where the system does not say. */
function memoryOf(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1000;
  } catch {
    return 0;
  }
}

/** The load, in a process of its own: told by messages where, which run, and when to stop. */
async function generate() {
  const next = () => new Promise((resolve) => process.once('message', resolve));
  const { url, warmUpId } = await next();
  const followers = await Promise.all(Array.from({ length: clients }, () => follow(url)));
  const status = await requestOften(url, statusOf(warmUpId));
  await delay(WARM_UP_MS);
  process.send('ready');
  const { runId } = await next();
  status.countFor(statusOf(runId));
  await next();
  const figures = await status.stop();
  const patience = performance.now() + PATIENCE_MS;
  while (followers.some((one) => !one.isDone && !one.isDropped) && performance.now() < patience)
    await delay(50);
  process.send({
    ...figures,
    clients: followers.filter((one) => !one.isDropped).length,
    events: Math.min(...followers.map((one) => one.events)),
    gaps: followers.reduce((sum, one) => sum + one.faults + (one.isWhole() ? 0 : 1), 0),
  });
  // Streams stay open, so that memory is compared with the clients still there, until the parent ends this.
}

/** Follows events; resolves when the stream is open. */
function follow(url) {
  const client = {
    events: 0,
    last: 0,
    /** Numbers that did not follow the one before. */
    faults: 0,
    ofSymbols: 0,
    isStarted: false,
    isDone: false,
    isDropped: false,
    /** From the first event of the run to its last, with one a symbol. */
    isWhole: () => client.isStarted && client.isDone && client.ofSymbols === symbols,
  };
  const frame = /id: (\d+)\nevent: (\w+)/y;
  const take = (text, at) => {
    frame.lastIndex = at;
    const [, id, event] = frame.exec(text) ?? [];
    if (id === undefined) return;
    if (client.last !== 0 && Number(id) !== client.last + 1) client.faults += 1;
    client.last = Number(id);
    if (event === 'data_import_started') client.isStarted = true;
    // What comes before is of the run that warmed up.
    if (!client.isStarted) return;
    client.events += 1;
    if (event === 'symbol_processing_complete') client.ofSymbols += 1;
    if (event === 'data_import_completed') client.isDone = true;
  };
  return new Promise((resolve, reject) => {
    const request = get(`${url}/api/processing/events`, { agent: false }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`events: ${response.statusCode}`));
      let rest = '';
      response.setEncoding('latin1').on('data', (chunk) => {
        const text = rest + chunk;
        let from = 0;
        for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n', from)) {
          take(text, from);
          from = end + 2;
        }
        rest = text.slice(from);
        resolve(client);
      });
      response.once('close', () => (client.isDropped = true));
    });
    request.on('error', reject);
  });
}

/**
 * Sends requests at fixed times, however many answers are out: a slow answer does not hold the next request back, and
 * each latency counts from the time the request was due. Plain sockets, because a whole HTTP client would take from the
 * service the processor time that is to be measured.
 */
async function requestOften(url, firstPath) {
  const { hostname, port, host } = new URL(url);
  const bytesOf = (path) => Buffer.from(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
  const startedAt = performance.now();
  const dueAt = (nth) => startedAt + (nth * 1000) / rate;
  const latencies = [];
  const lateness = [];
  const idle = [];
  let bytes = bytesOf(firstPath);
  let countedFrom = Number.POSITIVE_INFINITY;
  let errors = 0;
  let sent = 0;
  let due = 0;
  let timer;

  const answered = (nth, isGood) => {
    if (nth < countedFrom) return;
    latencies.push(performance.now() - dueAt(nth));
    if (!isGood) errors += 1;
  };
  const sendDue = () => {
    while (sent < due && idle.length > 0) idle.shift()(sent++);
  };

  const connection = () =>
    new Promise((resolve) => {
      let nth = -1;
      let head = null;
      let left = 0;
      const socket = connect({
        host: hostname,
        port: Number(port),
        noDelay: true,
        onread: {
          buffer: Buffer.alloc(16_384),
          callback(size, buffer) {
            if (head === null) {
              head = buffer.latin1Slice(0, size);
              const length = /\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1];
              left = head.indexOf('\r\n\r\n') + 4 + Number(length);
            }
            left -= size;
            // Anything but a whole answer of known length ends in an error, by closing.
            if (left < 0 || Number.isNaN(left)) socket.destroy();
            if (left !== 0) return true;
            answered(nth, head.startsWith('HTTP/1.1 200 '));
            nth = -1;
            head = null;
            idle.push(send);
            sendDue();
            return true;
          },
        },
      });
      const send = (mine) => {
        nth = mine;
        socket.write(bytes);
      };
      socket.once('connect', () => resolve(idle.push(send)));
      socket.on('error', () => {});
      socket.once('close', () => {
        if (nth !== -1) answered(nth, false);
        const at = idle.indexOf(send);
        if (at !== -1) idle.splice(at, 1);
        if (timer !== undefined) void connection().then(sendDue);
      });
    });

  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  sent = due = Math.ceil(((performance.now() - startedAt) * rate) / 1000);
  timer = setInterval(() => {
    const now = performance.now();
    for (; dueAt(due) <= now; due++) if (due >= countedFrom) lateness.push(now - dueAt(due));
    sendDue();
  }, 1);

  return {
    /** From now on asks for this and counts what becomes of it. */
    countFor(path) {
      bytes = bytesOf(path);
      countedFrom = due;
    },
    async stop() {
      clearInterval(timer);
      timer = undefined;
      const requests = due - countedFrom;
      const patience = performance.now() + PATIENCE_MS;
      while (latencies.length < requests && performance.now() < patience) await delay(10);
      const unanswered = requests - latencies.length;
      latencies.sort((a, b) => a - b);
      lateness.sort((a, b) => a - b);
      return {
        requests,
        errors: errors + unanswered,
        p50: quantile(latencies, 0.5),
        p99: quantile(latencies, 0.99),
        max: latencies.at(-1),
        lateMs: quantile(lateness, 0.99),
      };
    },
  };
}

function statusOf(runId) {
  return `/api/processing/import/status/${runId}`;
}

function quantile(sorted, share) {
  return sorted[Math.floor((sorted.length - 1) * share)];
}
