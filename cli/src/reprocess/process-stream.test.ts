import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rejection } from '@demeter/common/testing';
import type { ReprocessHandlers } from '@demeter/proto';
import { refusal, ScriptedCore } from './_scripted-core.ts';
import type { BulkClient } from './bulk-client.ts';
import type { OwnLine } from './counted-file.ts';
import { photoFiles } from './photo-files.ts';
import { ProcessStream } from './process-stream.ts';

type Process = ReprocessHandlers['Process'];
type Call = Parameters<Process>[0];

let folder = '';
let core: ScriptedCore | undefined;
let client: BulkClient | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'demeter-process-'));
});
afterEach(() => {
  client?.close();
  core?.die();
  rmSync(folder, { recursive: true, force: true });
});

function photos(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const path = join(folder, `${index}.jpg`);
    writeFileSync(path, `photo ${index}`);
    return path;
  });
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

async function run(
  files: readonly string[],
  handler: (call: Call) => void,
  options: { answered?: ReadonlySet<string>; signal?: AbortSignal; named?: Promise<void> } = {},
) {
  core = await new ScriptedCore({ Process: handler }).start();
  client = core.client({ signal: options.signal });
  const lines: OwnLine[] = [];
  let skipped = 0;
  const stream = new ProcessStream({
    client,
    count: { model: 'plants/2' },
    detections: false,
    store: false,
    files: late(photoFiles(files), options.named),
    answered: options.answered ?? new Set(),
    photoBytesMax: 1_000,
    take: (line) => lines.push(line),
    skip: () => skipped++,
  });
  const ended = stream.run();
  return { lines, ended, skipped: () => skipped };
}

/** Files whose names are not known before. */
async function* late(files: AsyncIterator<string>, before: Promise<void> | undefined) {
  await before;
  yield* { [Symbol.asyncIterator]: () => files };
}

/** Answers a photo with the number in its bytes. */
function answer(call: Call, photo: { reference: string; content: Buffer }): void {
  const detected = Number(photo.content.toString().split(' ')[1]);
  const { reference, content } = photo;
  const hash = createHash('sha256').update(content).digest();
  call.write({ result: { reference, sha256: hash, detected, counts: { plant: detected } } });
}

describe('photos that the client holds', () => {
  test('are sent as credits allow and answered once each', async () => {
    let credits = 0;
    let overdrawn = 0;
    let resultCredits = 0;
    let first: unknown;
    const { lines, ended } = await run(photos(100), (call) => {
      const grant = () => {
        credits++;
        call.write({ credit: { photos: 1 } });
      };
      for (let index = 0; index < 3; index++) grant();
      call.on('data', (message) => {
        first ??= message.options?.model;
        if (message.credit) resultCredits += message.credit.photos;
        if (!message.photo) return;
        credits--;
        if (credits < 0) overdrawn++;
        resultCredits--;
        answer(call, message.photo);
        grant();
      });
      call.on('end', () => call.end());
    });
    await ended;
    expect(first).toBe('plants/2');
    expect(overdrawn).toBe(0);
    expect(resultCredits).toBeGreaterThanOrEqual(0);
    const counts = lines.map((line) => ('error' in line ? -1 : line.detected));
    expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(lines[0]).toMatchObject({ sha256: sha256('photo 0'), counts: { plant: 0 } });
  });

  test('wait in their files until there is a credit', async () => {
    const files = photos(3);
    const given = Promise.withResolvers<Call>();
    const { lines, ended } = await run(files, (call) => {
      call.write({ credit: { photos: 1 } });
      call.on('data', ({ photo }) => {
        if (!photo) return;
        answer(call, photo);
        given.resolve(call);
      });
      call.on('end', () => call.end());
    });
    const call = await given.promise;
    // Not read yet: what stands in the file when its credit comes is sent.
    writeFileSync(files[1]!, 'photo 77');
    call.write({ credit: { photos: 2 } });
    await ended;
    expect(lines.map((line) => 'detected' in line && line.detected)).toEqual([0, 77, 2]);
  });

  test('are sent again where the core died before it had answered', async () => {
    let seen = 0;
    const { lines, ended } = await run(photos(30), (call) => {
      call.write({ credit: { photos: 4 } });
      call.on('data', ({ photo }) => {
        if (!photo) return;
        seen++;
        if (seen === 10 || seen === 20) {
          core!.die();
          void core!.start();
          return;
        }
        answer(call, photo);
        call.write({ credit: { photos: 1 } });
      });
      call.on('end', () => call.end());
      call.on('error', () => {});
    });
    await ended;
    const counts = lines.map((line) => ('error' in line ? line.error.code : String(line.detected)));
    const all = Array.from({ length: 30 }, (_, index) => String(index));
    expect(counts.sort()).toEqual(all.sort());
    expect(seen).toBeGreaterThan(30);
  });

  test('that were answered before, or are there twice, are not sent', async () => {
    const files = photos(4);
    writeFileSync(files[3]!, 'photo 2');
    const sent: string[] = [];
    const { lines, ended, skipped } = await run(
      files,
      (call) => {
        call.write({ credit: { photos: 10 } });
        call.on('data', ({ photo }) => {
          if (!photo) return;
          sent.push(photo.content.toString());
          answer(call, photo);
        });
        call.on('end', () => call.end());
      },
      { answered: new Set([sha256('photo 1')]) },
    );
    await ended;
    expect(sent).toEqual(['photo 0', 'photo 2']);
    expect(lines).toHaveLength(2);
    expect(skipped()).toBe(2);
  });

  test('are tried again where that may help, and their failure stands where it does not', async () => {
    const tries = new Map<string, number>();
    const { lines, ended } = await run(photos(3), (call) => {
      call.write({ credit: { photos: 3 } });
      call.on('data', ({ photo }) => {
        if (!photo) return;
        const { reference, content } = photo;
        const text = content.toString();
        tries.set(text, (tries.get(text) ?? 0) + 1);
        const bad = { reference, code: 'UNDECODABLE_PHOTO', message: 'no', retryable: false };
        const busy = { reference, code: 'DEADLINE_EXCEEDED', message: 'late', retryable: true };
        if (text === 'photo 1') call.write({ failure: bad });
        else if (text === 'photo 2' && tries.get(text) === 1) call.write({ failure: busy });
        else answer(call, photo);
        call.write({ credit: { photos: 1 } });
      });
      call.on('end', () => call.end());
    });
    await ended;
    expect(Object.fromEntries(tries)).toEqual({ 'photo 0': 1, 'photo 1': 1, 'photo 2': 2 });
    const failures = lines.flatMap((line) => ('error' in line ? [line.error.code] : []));
    expect(failures).toEqual(['UNDECODABLE_PHOTO']);
    expect(lines).toHaveLength(3);
  });

  test('that cannot be sent get a line that says why', async () => {
    const files = photos(3);
    writeFileSync(files[0]!, '');
    writeFileSync(files[1]!, 'x'.repeat(2_000));
    const { lines, ended } = await run(files, (call) => {
      call.write({ credit: { photos: 1 } });
      call.on('data', ({ photo }) => photo && answer(call, photo));
      call.on('end', () => call.end());
    });
    await ended;
    expect(lines.map((line) => ('error' in line ? line.error.code : line.detected))).toEqual([
      'EMPTY_PHOTO',
      'PHOTO_TOO_LARGE',
      2,
    ]);
  });

  test('are not sent without the permission', async () => {
    const { ended, lines } = await run(photos(2), (call) =>
      call.emit('error', refusal('PERMISSION_DENIED', 'reprocess:run is missing.')),
    );
    expect(await rejection(ended)).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(lines).toEqual([]);
  });

  test('are not waited for where they are refused before the first is found', async () => {
    const { promise: named, resolve } = Promise.withResolvers<void>();
    const { ended } = await run(
      photos(2),
      (call) => {
        call.emit('error', refusal('PERMISSION_DENIED', 'reprocess:run is missing.'));
        // Long after the refusal has arrived.
        setTimeout(resolve, 500);
      },
      { named },
    );
    expect(await rejection(ended)).toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  test('stopped, those under way are waited for and no more is sent', async () => {
    const stop = new AbortController();
    const { lines, ended } = await run(
      photos(50),
      (call) => {
        call.write({ credit: { photos: 2 } });
        const held: Parameters<typeof answer>[1][] = [];
        call.on('data', ({ photo }) => {
          if (!photo) return;
          held.push(photo);
          if (held.length < 2) return;
          stop.abort();
          for (const one of held) answer(call, one);
          call.write({ credit: { photos: 20 } });
        });
        call.on('end', () => call.end());
      },
      { signal: stop.signal },
    );
    await ended;
    expect(lines).toHaveLength(2);
  });
});
