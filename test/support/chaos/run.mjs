// Runs main.ts, which Node 20 cannot by itself, with the loader that the tests use.
import { createViteServer } from 'vitest/node';

const server = await createViteServer({
  configFile: false,
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true, include: [] },
});
try {
  const { main } = await server.ssrLoadModule('/test/support/chaos/main.ts');
  process.exitCode = await main(process.argv.slice(2));
} finally {
  await server.close();
}
