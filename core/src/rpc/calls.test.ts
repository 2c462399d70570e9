import { afterEach, describe, expect, test } from 'bun:test';
import { once } from 'node:events';
import { parseConfig } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import { createLogger } from '@demeter/common/logger';
import { rejection } from '@demeter/common/testing';
import { demeterV1, type ReprocessHandlers } from '@demeter/proto';
import { ChannelCredentials, Metadata, status } from '@grpc/grpc-js';
import type { UserPrincipal } from '../auth/principal.ts';
import { type CallContext, serverStream, unary } from './calls.ts';
import { type RpcServer, startRpcServer } from './server.ts';

const { values } = parseConfig({ DEMETER_CORE_GRPC_PORT: '0', LOG_LEVEL: 'error' });
const log = createLogger('test', values);
const caller = {
  kind: 'user',
  actor: 'user:x',
  permissions: new Set(['reprocess:run']),
} as unknown as UserPrincipal;

describe('calls', () => {
  let server: RpcServer;
  const stopping = new AbortController();
  const options = { log, stopping: stopping.signal };
  const start = async (handlers: Partial<ReprocessHandlers>) => {
    server = await startRpcServer({
      values,
      log,
      announce: async () => {},
      authenticate: async () => caller,
      reprocess: handlers as ReprocessHandlers,
    });
    return new demeterV1.Reprocess(server.address, ChannelCredentials.createInsecure());
  };
  afterEach(() => server.stop());

  test('a client that does not read holds up what is made for it, and ends it when it goes', async () => {
    // Of 64 KiB each: all of them would be 320 MB.
    const most = 5_000;
    const message = { reprocessing: { name: 'x'.repeat(65_536) } };
    let made = 0;
    const ended = Promise.withResolvers<void>();
    async function* answer(_: unknown, { signal }: CallContext) {
      try {
        while (made < most) {
          made++;
          yield message;
          // Lets the transport take what it will.
          await Bun.sleep(0);
        }
        expect(signal.aborted).toBe(true);
      } finally {
        ended.resolve();
      }
    }
    const client = await start({ Watch: serverStream(options, answer) });
    const call = client.Watch({});
    call.on('error', () => {});
    const first = once(call, 'data');
    call.once('data', () => call.pause());
    await first;
    for (let same = 0, seen = -1; same < 10; same = made === seen ? same + 1 : 0) {
      seen = made;
      await Bun.sleep(30);
    }
    expect(made).toBeLessThan(1_000);
    call.cancel();
    await ended.promise;
    client.close();
  }, 240_000);

  test('what a handler throws is answered with code, hint and field, all else without internals', async () => {
    const client = await start({
      Get: unary(options, async ({ reprocessing_id: id }, { caller: { actor } }) => {
        if (id === 'known') throw new AppError('CONFLICT', `Not for ${actor}.`, { field: 'id' });
        throw new Error('password=secret');
      }),
    });
    const get = (reprocessing_id: string) => {
      const { promise, resolve, reject } = Promise.withResolvers();
      client.Get({ reprocessing_id }, new Metadata(), (error, given) =>
        error ? reject(error) : resolve(given),
      );
      return promise;
    };
    const known = { code: status.ABORTED, details: 'CONFLICT: Not for user:x.' };
    expect(await rejection(get('known'))).toMatchObject(known);
    const other = await rejection(get('other'));
    expect(other).toMatchObject({ code: status.INTERNAL });
    expect(String(other)).not.toContain('secret');
    client.close();
  });

  test('what waits when the core stops is told to go on with another', async () => {
    const ends = new AbortController();
    const begun = Promise.withResolvers<void>();
    const waiting = async (signal: AbortSignal) => {
      begun.resolve();
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => reject(signal.reason));
      return await promise;
    };
    const client = await start({
      Promote: unary({ log, stopping: ends.signal }, (_, { signal }) => waiting(signal)),
    });
    const { promise, reject } = Promise.withResolvers<never>();
    client.Promote({}, new Metadata(), (error) => reject(error));
    await begun.promise;
    ends.abort(new Error('stopping: SIGTERM'));
    const details = expect.stringContaining('DRAINING');
    expect(await rejection(promise)).toMatchObject({ code: status.UNAVAILABLE, details });
    client.close();
  });
});
