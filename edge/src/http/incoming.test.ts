import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { postPhoto, testPhoto, until, withEdge, withFolder } from '../_testing.ts';
import { Incoming, limitIncoming } from './incoming.ts';

// Edges and processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

const pace = { graceMs: 400, bytesPerSecond: 100_000 };
const BOUNDARY = 'edge-test';
const FORM_HEAD = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n`;

/** A client that sends `head` and then a byte now and then, for ever. */
function trickle(head: Uint8Array): { body: ReadableStream<Uint8Array>; stop: () => void } {
  let timer: Timer | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(head);
      timer = setInterval(() => controller.enqueue(new Uint8Array(1)), 50);
    },
    cancel: () => clearInterval(timer),
  });
  return { body, stop: () => clearInterval(timer) };
}

describe('a client that only trickles', () => {
  const kinds = [
    ['raw', 'application/octet-stream', ''],
    ['multipart', `multipart/form-data; boundary=${BOUNDARY}`, FORM_HEAD],
  ] as const;
  test.each(kinds)('%s: is answered 504, and nothing of it stays', (_name, type, head) =>
    withFolder((folder) => {
      const run = async ({ url }: { url: string }) => {
        const { bytes } = await testPhoto(1, 400, 300);
        const begun = Buffer.concat([Buffer.from(head), bytes.subarray(0, 4096)]);
        const { body, stop } = trickle(begun);
        const answer = await fetch(`${url}/photos`, {
          method: 'POST',
          headers: { 'content-type': type },
          body,
        });
        stop();
        expect(answer.status).toBe(504);
        expect(await answer.json()).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
        await until(async () => (await readdir(join(folder, 'tmp'))).length === 0);
        // A busy machine may be too slow for this pace itself.
        await until(async () => (await postPhoto(url, bytes)).status === 201, 30_000);
      };
      return withEdge({ DEMETER_EDGE_DATA: folder }, run, { pace });
    }),
  );
});

test('a slow photo that keeps the pace is taken', async () => {
  // There at once; it is worth minutes, for a busy machine.
  const first = new Uint8Array(1_000);
  const slow = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(first),
    async pull(controller) {
      await Bun.sleep(100);
      controller.enqueue(new Uint8Array(1));
      controller.close();
    },
  });
  const pace = { graceMs: 20, bytesPerSecond: 10 };
  const chunks = new Incoming(slow, { bodyBytesMax: 2_000, photoBytesMax: 2_000, pace });
  const lengths = (await Array.fromAsync(chunks)).map((chunk) => chunk?.length);
  expect(lengths).toEqual([1_000, 1]);
});

test('a body that goes on without an end is too large, whatever it holds', async () => {
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1000)),
    cancel: () => {
      cancelled = true;
    },
  });
  const limited = limitIncoming(endless, { bodyBytesMax: 10_000, photoBytesMax: 9_000 });
  const error = await new Response(limited).bytes().catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: 'PHOTO_TOO_LARGE' });
  expect(cancelled).toBe(true);
});

test('time that our own disk takes is not the client’s', async () => {
  const two = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new Uint8Array(1));
      controller.enqueue(new Uint8Array(2));
      controller.close();
    },
  });
  const limits = { bodyBytesMax: 10, photoBytesMax: 10 };
  const chunks = new Incoming(two, { ...limits, pace: { graceMs: 5, bytesPerSecond: 1e9 } });
  expect((await chunks.next()).value).toHaveLength(1);
  await Bun.sleep(40);
  expect((await chunks.next()).value).toHaveLength(2);
  expect(await chunks.next()).toEqual({ done: true, value: undefined });
});

test('whoever stops reading lets go of the client at once, also while it is waited for', async () => {
  let cancelled = false;
  const silent = new ReadableStream<Uint8Array>({
    cancel: () => {
      cancelled = true;
    },
  });
  const chunks = new Incoming(silent, { bodyBytesMax: 10, photoBytesMax: 10 });
  const waiting = chunks.next();
  await chunks.return();
  expect(cancelled).toBe(true);
  expect((await waiting).done).toBe(true);
});
