import { once } from 'node:events';
import { type Socket, createServer } from 'node:net';

/** A server on a free port of loopback that accepts everybody and answers each query with its version, 14.11. */
export async function startOldPostgres(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    let greeted = false;
    socket.on('data', () => {
      // The first thing a client sends is its startup; here each later piece is one query.
      socket.write(greeted ? answer : Buffer.concat([message('R', int32(0)), ready]));
      greeted = true;
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port was given');
  return {
    url: `postgresql://anybody@127.0.0.1:${address.port}/none`,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

const message = (type: string, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);

const ready = message('Z', Buffer.from('I'));
const textType = Buffer.concat([int32(0), int16(0), int32(25), int16(-1), int32(-1), int16(0)]);
const column = Buffer.concat([int16(1), Buffer.from('server_version_num\0'), textType]);
const row = Buffer.concat([int16(1), int32(6), Buffer.from('140011')]);
const answer = Buffer.concat([
  message('T', column),
  message('D', row),
  message('C', Buffer.from('SHOW\0')),
  ready,
]);
