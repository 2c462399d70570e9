import { expect, test } from 'bun:test';
import { parseConfig } from '@demeter/common/config';
import { createLogger } from '@demeter/common/logger';
import { LocalEventBus, type PhotoEvent } from '../events.ts';
import { createEventStream } from './event-stream.ts';

const { values } = parseConfig({ LOG_LEVEL: 'error' });

function open(servers = 0) {
  const events = new LocalEventBus(createLogger('test', values));
  const stopping = new AbortController();
  const context = { events, stopping: stopping.signal };
  const reader = createEventStream(context, { organisationId: 'ours', servers }).getReader();
  const next = async () => new TextDecoder().decode((await reader.read()).value);
  return { events, stopping, reader, next };
}

test('whoever connects hears at once how many servers count', async () => {
  const { next, reader } = open(2);
  const first = (await next()) + (await next());
  expect(first).toStartWith('retry: 2000\n');
  expect(first).toEndWith('event: server\ndata: {"servers":2}\n\n');
  await reader.cancel();
});

test('photos of another organisation are not heard', async () => {
  const { events, next, reader } = open();
  await next();
  await next();
  const data = (photo_id: string) => ({ photo_id }) as PhotoEvent;
  events.publish({ type: 'photo', organisationId: 'theirs', data: data('a') });
  events.publish({ type: 'photo', organisationId: 'ours', data: data('b') });
  expect(await next()).toBe('event: photo\ndata: {"photo_id":"b"}\n\n');
  await reader.cancel();
});

test('ends when the core stops, and for a reader who does not read', async () => {
  const { stopping, reader, next } = open();
  await next();
  await next();
  stopping.abort();
  expect((await reader.read()).done).toBe(true);

  const slow = open();
  for (let servers = 0; servers < 2_000; servers++) {
    slow.events.publish({ type: 'server', data: { servers } });
  }
  let read = 0;
  while (!(await slow.reader.read()).done) read++;
  expect(read).toBeLessThanOrEqual(1_000);
});
