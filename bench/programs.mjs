// The programs a benchmark starts: tickstock as its users run it, in folders and on ports of its own.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { peakMegabytes } from './peak-memory.mjs';

export const PROGRAM = fileURLToPath(new URL('../bin/tickstock.js', import.meta.url));

/** Nothing of the caller's environment but the way to the programs. */
const environment = (env) => ({ PATH: process.env.PATH, ...env });

/** A child that has printed what it prints when it is ready; `out` is all of that. To be stopped. */
export async function start(command, args, env, said) {
  const child = spawn(command, args, { env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  const err = text(child.stderr);
  let out = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    out += chunk;
    if (said.test(out)) break;
  }
  if (!said.test(out)) throw new Error(`${command} ${args.join(' ')} ended: ${await err}`);
  child.stdout.resume();
  return { child, out, err, stop: () => stop(child) };
}

/** A tickstock program that stays, such as `serve`, with the fields of the line of JSON it prints when it is ready. */
export async function ready(args, env = {}) {
  const started = await start(PROGRAM, args, env, /\}\n/);
  return { ...started, ...JSON.parse(started.out) };
}

/** Ends a child, and is back when it has ended. */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}

/**
 * A tickstock program to its end: what it printed, how long it took from start to exit, and its peak resident memory in MB.
 * @throws Error when it does not end with 0
 */
export async function finish(args, env = {}) {
  const startedAt = performance.now();
  const child = spawn(PROGRAM, args, { env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  let peakMb = 0;
  const watch = setInterval(() => (peakMb = peakMegabytes(child.pid) ?? peakMb), 100);
  const exited = once(child, 'exit').then(([code]) => ({ code, seconds: since(startedAt) }));
  const [out, err, { code, seconds }] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  clearInterval(watch);
  if (code !== 0) throw new Error(`tickstock ${args.join(' ')} ended with ${code}: ${err}`);
  return { out, seconds, peakMb };
}

/** An import to its end: its summary beside its time and memory. */
export async function runImport(flags, env) {
  const { out, ...measured } = await finish(['import', ...flags, '--json'], env);
  return { ...measured, summary: JSON.parse(out) };
}

/** Ends the embedded database of a data folder, whoever started it. */
export function stopDatabase(env) {
  spawnSync(PROGRAM, ['db', 'stop', '--force'], { env: environment(env) });
}

/** Seconds since an instant of `performance.now()`. */
export function since(startedAt) {
  return (performance.now() - startedAt) / 1000;
}
