import { afterEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { createServer, type Server, type Socket } from 'node:net';
import { systemClock } from '@demeter/common/clock';
import { rejection } from '@demeter/common/testing';
import { until } from '../_testing.ts';
import { VirtualClock } from './_virtual-clock.ts';
import { DestinationFailure, PhotoFailure } from './failures.ts';
import { put } from './put.ts';
import { createTransport, type Transport, type UploadAnswer } from './transport.ts';

// A hung test still ends.
setDefaultTimeout(60_000);

const SILENCE_MAX_MS = 15_000;
const { signal } = new AbortController();
const stored: UploadAnswer = { status: 200, contentType: '', text: '' };

async function* chunksOf(count: number) {
  for (let at = 0; at < count; at++) yield new Uint8Array(1_000);
}

/** An upload by the virtual clock; `store` takes its bytes. */
function begin(
  store: (body: AsyncIterator<Uint8Array>, clock: VirtualClock) => Promise<UploadAnswer>,
  body: (clock: VirtualClock) => AsyncIterable<Uint8Array> = () => chunksOf(100),
) {
  const clock = new VirtualClock(0);
  const transport: Pick<Transport, 'upload'> = {
    upload: ({ body: given, signal: stop }) =>
      new Promise((resolve, reject) => {
        stop.addEventListener('abort', () => reject(stop.reason));
        store(given[Symbol.asyncIterator](), clock).then(resolve, reject);
      }),
  };
  const upload = { url: new URL('http://store.test/'), headers: {}, body: body(clock), signal };
  const waits = { clock, silenceMaxMs: SILENCE_MAX_MS };
  const end: { at?: number; result?: unknown } = {};
  void put(transport as Transport, upload, waits)
    .catch((error: unknown) => error)
    .then((result) => Object.assign(end, { at: clock.monotonic(), result }));
  return { clock, end };
}

const never = () => new Promise<never>(() => {});

describe('an upload', () => {
  test('goes on for as long as something of it is taken, however slowly', async () => {
    const { clock, end } = begin(async (body, { sleep }) => {
      while (!(await body.next()).done) await sleep.call(clock, SILENCE_MAX_MS - 1);
      return stored;
    });
    await clock.pass(100 * SILENCE_MAX_MS);
    expect(end.result).toBe('stored');
  });

  test.each([
    ['in the middle', 40],
    ['after its last byte', 101],
  ])('is given up where nothing more is taken or answered: %s', async (_name, taken) => {
    const { clock, end } = begin(async (body) => {
      for (let at = 0; at < taken; at++) await body.next();
      await clock.sleep(1_000);
      return await never();
    });
    await clock.pass(SILENCE_MAX_MS - 1);
    expect(end.result).toBeUndefined();
    await clock.pass(1);
    expect(end).toMatchObject({ at: SILENCE_MAX_MS, result: { kind: 'timeout' } });
    expect(end.result).toBeInstanceOf(DestinationFailure);
  });

  test('is not given up because its own bytes are slow to come, or held back by a cap', async () => {
    const { clock, end } = begin(
      async (body) => {
        while (!(await body.next()).done);
        return stored;
      },
      async function* (own) {
        for (let at = 0; at < 3; at++) {
          await own.sleep(10 * SILENCE_MAX_MS);
          yield new Uint8Array(1);
        }
      },
    );
    await clock.pass(29 * SILENCE_MAX_MS);
    expect(end.result).toBeUndefined();
    await clock.pass(SILENCE_MAX_MS);
    expect(end.result).toBe('stored');
  });
});

describe('on a real network', () => {
  let server: Server | null = null;
  afterEach(() => server?.close());
  const listen = async (onSocket: (socket: Socket, at: number) => void) => {
    let count = 0;
    server = createServer((socket) => {
      socket.on('error', () => {});
      onSocket(socket, count++);
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const address = server.address() as { port: number };
    return new URL(`http://127.0.0.1:${address.port}/inbox`);
  };
  const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  const waits = { clock: systemClock, silenceMaxMs: 60_000 };
  const headers = { 'content-length': '3000', 'x-signed': 'as it is' };

  test('the bytes go out with exactly their length, unchunked', async () => {
    let seen = '';
    const url = await listen((socket) =>
      socket.on('data', (data) => {
        seen += data.toString('latin1');
        if (seen.endsWith('\0'.repeat(3_000))) socket.write(OK);
      }),
    );
    const upload = { url, headers, body: chunksOf(3), signal };
    expect(await put(createTransport(), upload, waits)).toBe('stored');
    expect(seen).toContain('Content-Length: 3000\r\n');
    expect(seen).toContain('x-signed: as it is\r\n');
    expect(seen.toLowerCase()).not.toContain('transfer-encoding');
  });

  test('a photo that is shorter on this disk than it was is no fault of the store', async () => {
    const url = await listen((socket) => socket.resume());
    const error = await rejection(
      put(createTransport(), { url, headers, body: chunksOf(2), signal }, waits),
    );
    expect(error).toBeInstanceOf(PhotoFailure);
    expect(error).toMatchObject({ kind: 'bytes_changed' });
  });

  test('what reading the bytes throws is thrown as it is', async () => {
    const url = await listen((socket) => socket.resume());
    const broken = new PhotoFailure('bytes_changed', 'cannot be read');
    const body = async function* () {
      yield new Uint8Array(1_000);
      throw broken;
    };
    const upload = { url, headers, body: body(), signal };
    expect(await rejection(put(createTransport(), upload, waits))).toBe(broken);
  });

  test('a refusal counts that comes before all bytes were taken', async () => {
    const url = await listen((socket) =>
      socket.once('data', () => {
        socket.pause();
        socket.write('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n');
      }),
    );
    const large = { ...headers, 'content-length': '50000000' };
    let isClosed = false;
    const body = async function* () {
      try {
        for (let at = 0; at < 50; at++) yield new Uint8Array(1_000_000);
      } finally {
        isClosed = true;
      }
    };
    const upload = { url, headers: large, body: body(), signal };
    const error = await rejection(put(createTransport(), upload, waits));
    expect(error).toMatchObject({ kind: 'checksum_refused' });
    await until(async () => isClosed);
  });

  test('connections that were kept open through an outage swallow no further request', async () => {
    const waiting: Socket[] = [];
    let isBack = false;
    // As behind a router that is started again: it knows nothing of connections from before.
    const url = await listen((socket) => {
      const isNew = isBack;
      socket.on('data', () => {
        if (isNew) socket.write(OK);
        else if (waiting.push(socket) === 2) for (const one of waiting) one.write(OK);
      });
    });
    const transport = createTransport();
    const ask = async (limit = signal) =>
      await (await transport.fetch(url.href, { signal: limit })).text();
    expect(await Promise.all([ask(), ask()])).toEqual(['ok', 'ok']);
    const error = await rejection(ask(AbortSignal.timeout(500)));
    expect((error as Error).name).toBe('TimeoutError');
    isBack = true;
    expect(await ask(AbortSignal.timeout(30_000))).toBe('ok');
  });
});
