import { createViteServer } from 'vitest/node';
const server = await createViteServer({
  configFile: false,
  root: process.cwd(),
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true, include: [] },
});
const { prepareGround } = await server.ssrLoadModule('/test/support/chaos/ground.ts');
let t = performance.now();
const lap = (l) => {
  console.log(l, Math.round(performance.now() - t));
  t = performance.now();
};
const g = await prepareGround();
lap('ground');
const { database: d } = g;
console.log(
  await d.ask('select symbol,timeframe,sessions::text from coverage limit 3', 'history'),
  g.asked.symbols.length,
  g.asked.symbols.join(),
  d.disk !== null,
);
console.log(await d.ask('select count(*) from bars_hourly', 'history'));
const n = await g.copyHistory();
lap('copy');
await d.program.kill('SIGKILL', 0);
await d.ready();
lap('killed');
await d.program.kill('SIGINT', 0);
await d.ready();
lap('fast');
d.disk.fill();
lap('fill');
await d.ask('create table x as select generate_series(1,1000000) a', n).catch((e) => console.log(e.message));
lap('full');
d.disk.free();
await d.ready();
console.log(d.program.ends);
await d.ask('create table x as select generate_series(1,1000) a', n).catch((e) => console.log(e.message));
await g.redis.begin({ persistent: true });
lap('redis');
await g.drop(n);
await g.close();
lap('close');
await server.close();
