import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { parseConfig } from '@demeter/common/config';
import { createLogger } from '@demeter/common/logger';
import { ChannelCredentials } from '@grpc/grpc-js';
import { ScriptedServer } from './_scripted-server.ts';
import { Endpoint, type PhotoMessage } from './endpoint.ts';

const photo = (work_id: string): PhotoMessage => ({ work_id, sha256: Buffer.alloc(32) });
/** Ends with its test at the latest. */
const settled = async (probe: () => boolean) => {
  while (!probe()) await Bun.sleep(5);
};

describe('an endpoint', () => {
  let server: ScriptedServer;
  let endpoint: Endpoint;
  let port: number;

  const open = () =>
    new Endpoint({
      address: `127.0.0.1:${port}`,
      coreId: 'core',
      token: 'secret',
      credentials: ChannelCredentials.createInsecure(),
      log: createLogger('test', parseConfig({ LOG_LEVEL: 'error' }).values),
      deadlineGraceMs: 20,
      onChange: () => {},
    });

  beforeEach(async () => {
    server = new ScriptedServer();
    port = await server.listen();
    endpoint = open();
    await settled(() => endpoint.view().ready);
  });
  afterEach(async () => {
    server.stop();
    await endpoint.close();
  });

  const credit = async (photos: number) => {
    const before = endpoint.view().credits;
    server.stream.write({ credit: { photos } });
    await settled(() => endpoint.view().credits === before + photos);
  };

  test('says who it is and shows what the server has loaded', () => {
    expect(server.tokens).toEqual(['Bearer secret']);
    expect(server.received[0]?.hello).toEqual({ core_id: 'core', protocol_version: 1 });
    expect(endpoint.view().models).toEqual([
      { name: 'plants', version: '1', digest: '01'.repeat(32) },
    ]);
  });

  test('sends as many photos as there are credits, and hands back the next', async () => {
    await credit(2);
    void endpoint.send(photo('a'), 60_000);
    void endpoint.send(photo('b'), 60_000);
    expect(endpoint.view()).toMatchObject({ credits: 0, inFlight: 2 });
    expect(await endpoint.send(photo('c'), 60_000)).toMatchObject({ kind: 'handed_back' });
    await settled(() => server.photos().length === 2);
    expect(server.photos()).toEqual(['a', 'b']);
  });

  test('each photo ends as its own answer says, in any order', async () => {
    await credit(3);
    const [a, b, c] = ['a', 'b', 'c'].map((id) => endpoint.send(photo(id), 60_000));
    server.stream.write({ hand_back: { work_id: 'c' } });
    server.stream.write({
      failure: { work_id: 'b', code: 'UNDECODABLE_PHOTO', message: 'm', retryable: false },
    });
    server.stream.write({ result: { work_id: 'a', server_id: 'scripted' } });
    expect(await a).toMatchObject({ kind: 'result', serverId: 'scripted' });
    expect(await b).toMatchObject({ kind: 'failure', code: 'UNDECODABLE_PHOTO' });
    expect(await c).toMatchObject({ kind: 'handed_back' });
    expect(endpoint.view().inFlight).toBe(0);
  });

  test('a code outside the list is taken as a failed inference', async () => {
    await credit(1);
    const sent = endpoint.send(photo('a'), 60_000);
    server.stream.write({
      failure: { work_id: 'a', code: 'WHATEVER', message: '', retryable: true },
    });
    expect(await sent).toMatchObject({ code: 'INFERENCE_FAILED' });
  });

  test('photos under way are lost with the stream at once, and it dials again', async () => {
    await credit(2);
    const sent = [endpoint.send(photo('a'), 60_000), endpoint.send(photo('b'), 60_000)];
    server.stop();
    expect(await Promise.all(sent)).toEqual([
      { kind: 'lost', serverId: 'scripted', alone: false },
      { kind: 'lost', serverId: 'scripted', alone: false },
    ]);
    expect(endpoint.view()).toMatchObject({ ready: false, credits: 0, inFlight: 0 });
    server = new ScriptedServer();
    await server.listen(port);
    await settled(() => endpoint.view().ready);
  });

  test('the breaker opens after failures, and closes for the process that replaces the server', async () => {
    const fail = async (id: string) => {
      await credit(1);
      const outcome = endpoint.send(photo(id), 60_000);
      const failure = { work_id: id, code: 'INFERENCE_FAILED', message: 'm', retryable: true };
      server.stream.write({ failure });
      await outcome;
    };
    for (const id of ['a', 'b', 'c', 'd', 'e']) await fail(id);
    expect(endpoint.breaker).toBe('open');
    const redialled = async () => {
      const streams = server.streams.length;
      server.stream.end();
      await settled(() => server.streams.length > streams && endpoint.state === 'connected');
    };
    await redialled();
    expect(endpoint.breaker).toBe('open');
    server.epoch = 'another';
    await redialled();
    expect(endpoint.breaker).toBe('closed');
  });

  test('a server that has no room for a model is no server that fails', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      await credit(1);
      const outcome = endpoint.send(photo(id), 60_000);
      const failure = { work_id: id, code: 'MODEL_MEMORY_FULL', message: 'm', retryable: true };
      server.stream.write({ failure });
      expect(await outcome).toMatchObject({ kind: 'failure', code: 'MODEL_MEMORY_FULL' });
    }
    expect(endpoint.breaker).toBe('closed');
  });

  test('after Drain nothing more is sent, and what is under way is awaited', async () => {
    await credit(2);
    const sent = endpoint.send(photo('a'), 60_000);
    server.stream.write({ drain: { deadline_ms: 1000 } });
    await settled(() => endpoint.state === 'draining');
    expect(endpoint.view().ready).toBe(false);
    expect(await endpoint.send(photo('b'), 60_000)).toMatchObject({ kind: 'handed_back' });
    server.stream.write({ result: { work_id: 'a' } });
    expect((await sent).kind).toBe('result');
    // Our side has ended, which the scripted server answers by ending its own.
    await settled(() => endpoint.state !== 'draining');
  });

  test('a server that overruns the deadline is withdrawn from; its late answer changes nothing', async () => {
    await credit(1);
    const sent = endpoint.send(photo('a'), 50);
    expect(await sent).toMatchObject({ kind: 'failure', code: 'DEADLINE_EXCEEDED' });
    await settled(() => server.received.some((request) => request.cancel?.work_id === 'a'));
    // The server has not let go of it: the credit stays taken until it answers.
    expect(endpoint.view()).toMatchObject({ credits: 0, inFlight: 1 });
    server.stream.write({ result: { work_id: 'a' } });
    await settled(() => endpoint.view().inFlight === 0);
  });

  test('a server that others overtake five times without a result between gets no more', async () => {
    await credit(6);
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      expect(endpoint.breaker).toBe('closed');
      const sent = endpoint.send(photo(id), 60_000);
      endpoint.cancel(id, true);
      expect((await sent).kind).toBe('handed_back');
    }
    expect(endpoint.breaker).toBe('open');
  });

  test('a watch of its health that breaks off is begun again; photos under way stay there', async () => {
    await credit(1);
    const sent = endpoint.send(photo('a'), 60_000);
    server.breakWatches();
    await settled(() => server.watched === 2 && endpoint.view().ready);
    server.stream.write({ result: { work_id: 'a' } });
    expect((await sent).kind).toBe('result');
    expect(server.streams).toHaveLength(1);
  });

  test('closing ends what is under way', async () => {
    await credit(1);
    const sent = endpoint.send(photo('a'), 60_000);
    await endpoint.close();
    expect((await sent).kind).toBe('lost');
    expect(endpoint.state).toBe('closed');
  });
});
