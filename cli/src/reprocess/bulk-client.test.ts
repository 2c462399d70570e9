import { afterAll, afterEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rejection } from '@demeter/common/testing';
import type { ReprocessHandlers } from '@demeter/proto';
import { Metadata, status } from '@grpc/grpc-js';
import { refusal, ScriptedCore } from './_scripted-core.ts';
import type { BulkClient } from './bulk-client.ts';
import type { CoreError } from './core-error.ts';
import { planPhotosRequests } from './hashes.ts';

const folder = mkdtempSync(join(tmpdir(), 'demeter-hashes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let core: ScriptedCore | undefined;
let client: BulkClient | undefined;
afterEach(() => {
  client?.close();
  core?.die();
});

async function talkTo(handlers: Partial<ReprocessHandlers>, options = {}): Promise<BulkClient> {
  core = await new ScriptedCore(handlers).start();
  client = core.client(options);
  return client;
}

describe('a call to the core', () => {
  test('carries the token, and is made again while the core is away', async () => {
    let calls = 0;
    let authorization: unknown;
    const said: string[] = [];
    const bulk = await talkTo(
      {
        Get: (call, callback) => {
          authorization = call.metadata.get('authorization')[0];
          calls++;
          if (calls < 3) callback({ code: status.UNAVAILABLE, details: 'restarting' });
          else callback(null, { reprocessing: { reprocessing_id: 'r-1' } });
        },
      },
      { token: 'secret', say: (line: string) => said.push(line) },
    );
    const { reprocessing } = await bulk.ask('Get', { reprocessing_id: 'r-1' });
    expect(reprocessing?.reprocessing_id).toBe('r-1');
    expect({ calls, authorization }).toEqual({ calls: 3, authorization: 'Bearer secret' });
    expect(said).toEqual([expect.stringContaining('trying again')]);
  });

  test('ends at once with the code and the hint of a refusal', async () => {
    const bulk = await talkTo({
      Promote: (_, callback) => callback(refusal('PERMISSION_DENIED', 'reprocess:run is missing.')),
    });
    const error = (await rejection(bulk.ask('Promote', { reprocessing_id: 'x' }))) as CoreError;
    expect(error).toMatchObject({
      code: 'PERMISSION_DENIED',
      message: 'reprocess:run is missing.',
      hint: expect.stringContaining('administrator'),
      again: false,
    });
  });

  test('has a deadline, but to promote, which takes as long as there are photos', async () => {
    const deadlines: number[] = [];
    const bulk = await talkTo({
      Get: (call, callback) => {
        deadlines.push(Number(call.getDeadline()));
        callback(null, {});
      },
      Promote: (call, callback) => {
        deadlines.push(Number(call.getDeadline()));
        callback(null, {});
      },
    });
    await bulk.ask('Get', { reprocessing_id: 'r' });
    await bulk.ask('Promote', { reprocessing_id: 'r' });
    expect(deadlines.map(Number.isFinite)).toEqual([true, false]);
  });

  test('reads a refusal that has no details', async () => {
    const bulk = await talkTo({
      Get: (_, callback) =>
        callback({
          code: status.NOT_FOUND,
          details: 'NOT_FOUND: no such id',
          metadata: new Metadata(),
        }),
    });
    const error = (await rejection(bulk.ask('Get', { reprocessing_id: 'x' }))) as CoreError;
    expect(error).toMatchObject({ code: 'NOT_FOUND', message: 'no such id', again: false });
    expect(error.hint).toContain('organisation');
  });
});

describe('a stream of results', () => {
  test('goes on after the last one that was used, whenever the core dies', async () => {
    const asked: string[] = [];
    let deaths = 0;
    const bulk = await talkTo({
      Results: async (call) => {
        asked.push(call.request.after);
        for (let at = Number(call.request.after || 0) + 1; at <= 12; at++) {
          if (at % 5 === 0 && deaths < at / 5) {
            deaths++;
            // It has sent more than anybody has used.
            core!.die();
            await core!.start();
            return;
          }
          call.write({ cursor: String(at), outcome: 'counted' });
        }
        call.end();
      },
    });
    const cursors: string[] = [];
    const request = () => ({ reprocessing_id: 'r', after: cursors.at(-1) ?? '' });
    for await (const { cursor } of bulk.follow('Results', request)) cursors.push(cursor);
    expect(cursors).toEqual(Array.from({ length: 12 }, (_, index) => String(index + 1)));
    expect(deaths).toBe(2);
    expect(asked.length).toBeGreaterThanOrEqual(3);
  });

  test('holds the core back while nobody takes its messages', async () => {
    let written = 0;
    const bulk = await talkTo({
      Results: async (call) => {
        // 64 KiB each: far more than the windows of HTTP/2 hold.
        const class_names = ['x'.repeat(65_536)];
        for (let at = 1; at <= 400 && !call.cancelled; at++) {
          written = at;
          const open = call.write({ cursor: String(at), found: { class_names } });
          if (!open) await new Promise<void>((resolve) => call.once('drain', () => resolve()));
        }
        call.end();
      },
    });
    let taken = 0;
    for await (const _ of bulk.follow('Results', () => ({ reprocessing_id: 'r' }))) {
      taken++;
      if (taken === 10) break;
      await Bun.sleep(5);
    }
    expect(written).toBeLessThan(200);
  });
});

describe('a list of hashes', () => {
  const hash = (n: number) => n.toString(16).padStart(64, '0');
  const file = (text: string) => {
    const path = join(folder, crypto.randomUUID());
    writeFileSync(path, text);
    return path;
  };

  test('is streamed in order behind the options', async () => {
    const seen: string[] = [];
    const bulk = await talkTo({
      PlanPhotos: (call, callback) => {
        call.on('data', ({ options, photos }) => {
          if (options) seen.push(`options ${options.model}`);
          if (photos) seen.push(...photos.sha256s.toString('hex').match(/.{64}/g)!);
        });
        call.on('end', () => callback(null, { plan: { plan_id: 'p' }, unknown: 2 }));
      },
    });
    const hashes = Array.from({ length: 10_000 }, (_, index) => hash(index));
    const path = file(`${hashes.map((h) => `${h}  photos/${h}.jpg`).join('\n')}\n\n`);
    const answer = await bulk.planPhotos(planPhotosRequests(path, { model: 'plants/2' }));
    expect(answer).toMatchObject({ plan: { plan_id: 'p' }, unknown: '2' });
    expect(seen).toEqual(['options plants/2', ...hashes]);
  });

  test('that holds something else ends with the line', async () => {
    const bulk = await talkTo({ PlanPhotos: () => {} });
    const path = file(`${hash(1)}\nfoto.jpg\n`);
    const error = await rejection(bulk.planPhotos(planPhotosRequests(path, {})));
    expect(error).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('line 2'),
    });
  });

  test('that the core refuses early is not sent to its end', async () => {
    const bulk = await talkTo({
      PlanPhotos: (_, callback) => callback(refusal('MODEL_UNAVAILABLE', 'no server holds x.')),
    });
    let sent = 0;
    const endless = async function* () {
      for (;;) {
        sent++;
        yield { photos: { sha256s: Buffer.alloc(32 * 4096) } };
      }
    };
    const error = await rejection(bulk.planPhotos(endless()));
    expect(error).toMatchObject({ code: 'MODEL_UNAVAILABLE' });
    expect(sent).toBeGreaterThan(0);
  });
});
