import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { type TestContext, describe, expect, it } from 'vitest';
import { type TcpProxy, type Tap, createTcpProxy } from './tcp-proxy.ts';

/** A server that answers each chunk with itself, behind a proxy. */
async function echoBehindProxy(
  { onTestFinished }: TestContext,
  tap?: () => Tap,
): Promise<{ proxy: TcpProxy; received(): string; open(): Promise<Talk> }> {
  let received = '';
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      received += String(chunk);
      socket.write(chunk);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await createTcpProxy({ port: (server.address() as AddressInfo).port }, tap);
  onTestFinished(async () => {
    await proxy.close();
    server.close();
  });
  return { proxy, received: () => received, open: () => talkTo(proxy.port) };
}

interface Talk {
  readonly socket: Socket;
  say(text: string): void;
  /** Resolves once so much was heard in all. */
  heard(text: string): Promise<void>;
  /** What ended it: the code of an error, or `end`. */
  readonly ended: Promise<string>;
}

async function talkTo(port: number): Promise<Talk> {
  const socket = connect({ port, host: '127.0.0.1' });
  let heard = '';
  socket.on('data', (chunk) => (heard += String(chunk)));
  const ended = new Promise<string>((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once('end', () => resolve('end'));
  });
  await once(socket, 'connect');
  return {
    socket,
    ended,
    say: (text) => void socket.write(text),
    async heard(text) {
      await expect.poll(() => heard, { timeout: 5000 }).toBe(text);
    },
  };
}

describe('a proxy', () => {
  it('hands on both ways, shows what passes, and counts it', async (context) => {
    const seen: string[] = [];
    const { proxy, open } = await echoBehindProxy(context, () => ({
      toServer: (chunk) => seen.push(`> ${String(chunk)}`),
      toClient: (chunk) => seen.push(`< ${String(chunk)}`),
      closed: () => seen.push('closed'),
    }));
    const talk = await open();
    talk.say('hello');
    await talk.heard('hello');
    expect(proxy.connections).toBe(1);
    talk.socket.end();
    await expect.poll(() => seen).toEqual(['> hello', '< hello', 'closed']);
    expect(proxy.bytes).toBe(10);
    expect(proxy.connections).toBe(0);
  });

  it('resets what is open and serves whoever comes again', async (context) => {
    const { proxy, open } = await echoBehindProxy(context);
    const talk = await open();
    talk.say('hello');
    await talk.heard('hello');
    expect(proxy.cut()).toBe(1);
    expect(await talk.ended).toBe('ECONNRESET');
    const again = await open();
    again.say('hello');
    await again.heard('hello');
  });

  it('resets a connection so many bytes after a mark, and leaves others alone', async (context) => {
    const { proxy, open, received } = await echoBehindProxy(context);
    const [copying, other] = [await open(), await open()];
    const cut = proxy.cutAfter(3, 'COPY');
    other.say('a long text without it');
    await other.heard('a long text without it');
    copying.say('COPY ');
    await copying.heard('COPY ');
    copying.say('ab');
    await copying.heard('COPY ab');
    copying.say('cdefg');
    await cut;
    expect(await copying.ended).toBe('ECONNRESET');
    await expect.poll(received).toBe('a long text without itCOPY abc');
    other.say('!');
    await other.heard('a long text without it!');
  });

  it('lets nothing pass while it is partitioned, and everything after', async (context) => {
    const { proxy, open, received } = await echoBehindProxy(context);
    const before = await open();
    before.say('1');
    await before.heard('1');
    proxy.partition();
    before.say('2');
    const during = await open();
    during.say('3');
    proxy.heal();
    await before.heard('12');
    await during.heard('3');
    expect([...received()].toSorted()).toEqual(['1', '2', '3']);
  });

  it('holds back what it delays, and what is more than the throttle lets pass', async (context) => {
    const { proxy, open } = await echoBehindProxy(context);
    const talk = await open();
    proxy.delay(30);
    const delayed = performance.now();
    talk.say('x');
    await talk.heard('x');
    expect(performance.now() - delayed).toBeGreaterThanOrEqual(58);
    proxy.heal();
    proxy.throttle(1000);
    const throttled = performance.now();
    talk.say('y'.repeat(40));
    await talk.heard(`x${'y'.repeat(40)}`);
    expect(performance.now() - throttled).toBeGreaterThanOrEqual(78);
  });

  it('resets whoever comes while the server is away', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo;
    gone.close();
    await once(gone, 'close');
    const proxy = await createTcpProxy({ port });
    const talk = await talkTo(proxy.port);
    expect(await talk.ended).toBe('ECONNRESET');
    await proxy.close();
  });
});
