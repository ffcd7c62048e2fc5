import { databaseName, userName } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { connectionTo } from './connect.ts';
import { readPassword } from './keep-up.ts';
import { readPostmaster } from './lock-files.ts';

/** The URL of the server for programs on this machine: by TCP, with the password, where it listens; else by its socket. */
export async function databaseUrl(cluster: Cluster): Promise<string> {
  const server = readPostmaster(cluster.folder);
  if (server !== undefined && server.listenAddress !== '') {
    const host = server.listenAddress.includes(':') ? `[${server.listenAddress}]` : server.listenAddress;
    const password = encodeURIComponent(await readPassword(cluster));
    return `postgresql://${userName}:${password}@${host}:${server.port}/${databaseName}`;
  }
  const { host, port } = await connectionTo(cluster);
  return `postgresql:///${databaseName}?host=${encodeURIComponent(host)}&port=${port}&user=${userName}`;
}
