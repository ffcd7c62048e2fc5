import { Client } from 'pg';
import { databaseName, userName } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { findKeepUp } from './keep-up.ts';
import { readPostmaster } from './lock-files.ts';
import { socketPort } from './server.ts';
import { socketFolder } from './socket-folder.ts';

/** What pg.Client and pg.Pool need to reach the embedded server. */
export interface EmbeddedConnection {
  /** The socket's folder. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly ssl: false;
}

/** `busy`: the server says it starts, recovers or stops. `mute`: no answer. `absent`: nobody listens. */
type Attempt = { state: 'ready'; client: Client } | { state: 'busy' | 'mute' | 'absent' };

const answerMs = 5000;

export async function connectionTo(cluster: Cluster): Promise<EmbeddedConnection> {
  const port = readPostmaster(cluster.folder)?.port ?? findKeepUp(cluster)?.listen?.port ?? socketPort;
  return {
    host: await socketFolder(cluster.folder),
    port,
    user: userName,
    database: databaseName,
    ssl: false,
  };
}

/** One try to connect. The client's name in the server tells this process. */
export async function tryConnect(cluster: Cluster): Promise<Attempt> {
  const client = new Client({
    ...(await connectionTo(cluster)),
    application_name: `tickstock process ${process.pid}`,
    connectionTimeoutMillis: answerMs,
  });
  // Without a listener a server that goes away would end this process.
  client.on('error', () => {});
  try {
    await client.connect();
    return { state: 'ready', client };
  } catch (error) {
    const state = whatFailureMeans(error);
    if (state === undefined) throw error;
    return { state };
  }
}

function whatFailureMeans(error: unknown): 'busy' | 'mute' | 'absent' | undefined {
  const { code = '', message } = error as Error & { code?: string };
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return 'absent';
  // cannot_connect_now, and the ways a server says that it goes down.
  if (code.startsWith('57P')) return 'busy';
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'EAGAIN' || /terminated|timeout/.test(message))
    return 'mute';
  return undefined;
}
