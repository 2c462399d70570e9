import { describe, expect, test } from 'bun:test';

import { createServer } from 'node:net';
import { AppError } from '../errors.ts';
import { rejection } from '../testing.ts';
import { S3ObjectStore } from './s3.ts';

const keys = { accessKey: 'demo', secretKey: 'demo-secret' };

const codeOf = async (promise: Promise<unknown>) => {
  const error = await rejection(promise);
  return error instanceof AppError ? error.code : error;
};

/** A TCP server that treats each connection as the list says, the last entry for all later ones. */
async function faultyServer(plan: readonly ('silent' | 'reset' | string)[], ends = true) {
  let count = 0;
  const server = createServer((socket) => {
    const step = plan[Math.min(count++, plan.length - 1)];
    socket.on('error', () => {});
    if (step === 'reset') socket.resetAndDestroy();
    else if (step !== undefined && step !== 'silent')
      socket.once('data', () => (ends ? socket.end(step) : socket.write(step)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return { endpoint: `http://127.0.0.1:${port}`, calls: () => count, stop: () => server.close() };
}

describe('S3 store against a failing server', () => {
  test('gives up on a server that says nothing', async () => {
    const server = await faultyServer(['silent']);
    const store = new S3ObjectStore({
      ...keys,
      endpoint: server.endpoint,
      bucket: 'photos',
      timeoutMs: 500,
      attemptsMax: 2,
    });
    expect(await codeOf(store.head('a'))).toBe('OBJECT_STORE_UNAVAILABLE');
    // A busy machine's server may hear of a connection after its client has given up.
    while (server.calls() < 2) await Bun.sleep(5);
    expect(server.calls()).toBe(2);
    server.stop();
  });

  test.each([
    ['says nothing', 'silent'],
    ['stops in the middle of a photo', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab'],
    ['stops in a large object', 'HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\nab'],
  ])('gives up reading from a server that %s', async (_name, plan) => {
    const server = await faultyServer([plan], false);
    const store = new S3ObjectStore({
      ...keys,
      endpoint: server.endpoint,
      bucket: 'photos',
      timeoutMs: 500,
      attemptsMax: 2,
    });
    const read = async () => {
      for await (const chunk of (await store.get('a')).stream) expect(chunk.length).toBe(2);
    };
    const error = await rejection(read());
    expect(`${(error as { code: string }).code}`).toMatch(/OBJECT_STORE_UNAVAILABLE|ETIMEDOUT/);
    server.stop();
  });

  test('reads after a reset, a 503 and half a photo, and knows an object that is not there', async () => {
    const server = await faultyServer([
      'reset',
      'HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nph',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nphoto',
      'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    ]);
    const store = new S3ObjectStore({ ...keys, endpoint: server.endpoint, bucket: 'photos' });
    const { stream, sizeBytes } = await store.get('a');
    expect([await new Response(stream).text(), sizeBytes]).toEqual(['photo', 5]);
    expect(await codeOf(store.get('a'))).toBe('NOT_FOUND');
    server.stop();
  });

  test('tries again after a reset and a 503, and then succeeds', async () => {
    const server = await faultyServer([
      'reset',
      'HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n',
    ]);
    const store = new S3ObjectStore({ ...keys, endpoint: server.endpoint, bucket: 'photos' });
    expect((await store.head('a'))?.sizeBytes).toBe(5);
    expect(server.calls()).toBe(3);
    server.stop();
  });

  test('says so when nobody listens', async () => {
    const server = await faultyServer(['silent']);
    server.stop();
    const store = new S3ObjectStore({
      ...keys,
      endpoint: server.endpoint,
      bucket: 'photos',
      attemptsMax: 2,
    });
    expect(await codeOf(store.check())).toBe('OBJECT_STORE_UNAVAILABLE');
  });
});
