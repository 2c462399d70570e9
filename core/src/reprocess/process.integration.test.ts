import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { once } from 'node:events';
import { systemClock } from '@demeter/common/clock';
import { rejection } from '@demeter/common/testing';
import type { Photo__Output, ReprocessProcessResponse } from '@demeter/proto';
import { status } from '@grpc/grpc-js';
import { sql } from 'kysely';
import sharp from 'sharp';
import { until } from '../_processes.ts';
import { createTestDatabase, TEST_DATABASE_URL } from '../db/_test-database.ts';
import { answer, type ScriptedServer, type Stream } from '../mesh/_scripted-server.ts';
import {
  createGreenhouse,
  type Greenhouse,
  type RunningCore,
  refuse,
  startCountingServer,
  startTestCore,
} from './_reprocess-fixture.ts';

const database = TEST_DATABASE_URL ? await createTestDatabase() : undefined;
/** Comments differ, so each is a photo of its own. */
const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'green' } })
  .jpeg()
  .toBuffer();
const photo = (n: number) => {
  const text = Buffer.from(`photo ${n}`);
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, text.length + 2]), text]);
  return Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)]);
};

describe.skipIf(!database)('photos that a client holds (needs DEMETER_TEST_DATABASE_URL)', () => {
  const db = database!.db;
  let server: ScriptedServer;
  let greenhouse: Greenhouse;
  let core: RunningCore;
  let onPhoto: (photo: Photo__Output, stream: Stream) => void;
  /** Of the real clock, in ms. */
  let ahead: number;

  beforeEach(async () => {
    const started = await startCountingServer((given, stream) => onPhoto(given, stream));
    server = started.server;
    onPhoto = (given, stream) => answer(given, stream, 3);
    ahead = 0;
    greenhouse = await createGreenhouse(db, {
      env: { DEMETER_INFERENCE_SERVERS: started.address },
      clock: { ...systemClock, monotonic: () => systemClock.monotonic() + ahead },
    });
    core = await startTestCore(greenhouse);
    const offers = () => core.counting.mesh.connected()[0]?.view().models.length;
    await until('the server', async () => offers() === 2);
  });
  afterEach(async () => {
    await core.stop();
    server.stop();
    await greenhouse.close();
  });

  const open = () => {
    const stream = core.client.stub.Process(core.client.metadata);
    const ended = once(stream, 'end');
    const answers: ReprocessProcessResponse[] = [];
    let credits = 0;
    let more = Promise.withResolvers<void>();
    stream.on('data', (given: ReprocessProcessResponse) => {
      if (given.credit) credits += given.credit.photos ?? 0;
      else answers.push(given);
      more.resolve();
      more = Promise.withResolvers();
    });
    // Awaited, or looked at, by the test.
    ended.catch(() => {});
    return {
      stream,
      answers,
      ended,
      credits: () => credits,
      /** Takes a credit of ours for a photo. */
      send: async (reference: string, content: Buffer, detections = false, store = false) => {
        while (credits < 1) await more.promise;
        credits--;
        stream.write({ photo: { reference, content, detections, store } });
      },
    };
  };
  const referenceOf = ({ result, failure }: ReprocessProcessResponse) =>
    (result ?? failure)?.reference;

  test('are counted once each, a few at a time, and nothing of them is kept', async () => {
    let underWay = 0;
    let most = 0;
    onPhoto = (given, stream) => {
      most = Math.max(most, ++underWay);
      setTimeout(() => {
        underWay--;
        answer(given, stream, 3);
      }, 1);
    };
    const { stream, answers, ended, credits, send } = open();
    stream.write({ options: { model: 'plants/2' } });
    for (let n = 0; n < 120; n++) await send(`p${n}`, photo(n), n === 7);
    stream.end();
    await ended;
    expect(new Set(answers.map(referenceOf)).size).toBe(120);
    expect(answers).toHaveLength(120);
    for (const { result } of answers) {
      expect(result).toMatchObject({ detected: 3, counts: { plant: 3 }, width: 100 });
      expect(result?.found?.confidences?.length ?? 0).toBe(result?.reference === 'p7' ? 3 : 0);
    }
    // Of three credits one is kept for live photos.
    expect(most).toBeLessThanOrEqual(2);
    expect(credits()).toBe(8);
    expect(new Set(server.received.flatMap((one) => one.photo?.lane ?? []))).toEqual(new Set([2]));
    const { rows } = await sql`select
      (select count(*) from photos where organisation_id = ${greenhouse.nursery.organisationId})
        as photos, (select count(*) from run_queue) as queued`.execute(db);
    expect(rows).toEqual([{ photos: 0, queued: 0 }]);
  }, 240_000);

  test('are kept, once each, where the client asks for that', async () => {
    const { stream, answers, ended, send } = open();
    stream.write({ options: { model: 'plants/2' } });
    await send('a/kept.jpg', photo(1), false, true);
    await send('let go.jpg', photo(2));
    await send('a/kept.jpg', photo(1), false, true);
    stream.end();
    await ended;
    expect(answers.map(({ result }) => result?.detected)).toEqual([3, 3, 3]);
    const sha256 = answers.find((one) => referenceOf(one) === 'a/kept.jpg')?.result?.sha256;
    const counted = async () => {
      const { rows } = await sql<{ sha256: Buffer; version: string; detected: number | null }>`
        select p.sha256, r.detected, d.definition #>> '{roles,plants,version}' as version
          from photos p join runs r on r.sha256 = p.sha256
          join pipelines d on d.organisation_id = r.organisation_id and d.digest = r.pipeline_digest
         where p.organisation_id = ${greenhouse.nursery.organisationId}`.execute(db);
      return rows;
    };
    // The centre's own pipeline, not the one that this client asked for.
    await until('its count', async () => (await counted())[0]?.detected === 3);
    expect(await counted()).toEqual([{ sha256, version: '1', detected: 3 } as never]);
    const { rows } = await sql`select file_name, uploaded_by from sightings
      where organisation_id = ${greenhouse.nursery.organisationId}`.execute(db);
    const uploaded_by = expect.stringMatching(/^user:/);
    expect(rows).toEqual(Array(2).fill({ file_name: 'kept.jpg', uploaded_by }));
  }, 240_000);

  test('come with masks where the client asks for them', async () => {
    const mask = { x: 1, y: 2, width: 2, height: 1, runs: [0, 2] };
    onPhoto = ({ work_id, sha256, pipeline }, stream) => {
      const detections = {
        boxes: [1, 2, 3, 4],
        confidences: [0.5],
        class_ids: [0],
        class_names: ['plant'],
        masks: pipeline?.masks ? [mask] : [],
      };
      stream.write({ result: { work_id, sha256, width: 8, height: 8, detections } });
      stream.write({ credit: { photos: 1 } });
    };
    for (const masks of [true, false]) {
      const { stream, answers, ended, send } = open();
      stream.write({ options: { masks } });
      await send('drawn', photo(1), true);
      stream.end();
      await ended;
      expect(answers[0]?.result?.found?.masks).toEqual(masks ? [mask] : []);
    }
  }, 240_000);

  test('wait at the client while it takes no answers', async () => {
    const { stream, answers, ended, credits, send } = open();
    stream.write({ options: { model: 'plants/2' } });
    stream.write({ credit: { photos: 3 } });
    for (let n = 0; n < 8; n++) await send(`p${n}`, photo(n));
    await until('the first answers', async () => answers.length === 3 && credits() === 3);
    for (let n = 8; n < 11; n++) await send(`p${n}`, photo(n));
    await until('all counted', async () => server.photos().length === 11);
    // Eight are answered, but not taken: no more are let in.
    expect(credits()).toBe(0);
    expect(answers).toHaveLength(3);
    stream.write({ credit: { photos: 100 } });
    stream.end();
    await ended;
    expect(new Set(answers.map(referenceOf)).size).toBe(11);
  }, 240_000);

  test('that are none, or that no server can read, do not end the stream', async () => {
    onPhoto = (given, stream) =>
      given.content.equals(photo(1)) ? refuse(given, stream) : answer(given, stream, 3);
    const { stream, answers, ended, send } = open();
    stream.write({ options: {} });
    await send('text', Buffer.from('no photo at all'));
    await send('poison', photo(1));
    await send('good', photo(2));
    stream.end();
    await ended;
    const byReference = Object.fromEntries(answers.map((one) => [referenceOf(one), one]));
    expect(byReference.text?.failure).toMatchObject({ code: 'NOT_AN_IMAGE', retryable: false });
    expect(byReference.poison?.failure).toMatchObject({ code: 'UNDECODABLE_PHOTO' });
    expect(byReference.good?.result).toMatchObject({ detected: 3 });
  }, 240_000);

  test('are sent again when their server is lost', async () => {
    let lost = false;
    onPhoto = (given, stream) => {
      if (lost) return answer(given, stream, 3);
      lost = true;
      stream.emit('error', { code: status.UNAVAILABLE, details: 'crash' });
    };
    const { stream, answers, ended, send } = open();
    stream.write({ options: { model: 'plants/2' } });
    for (let n = 0; n < 3; n++) await send(`p${n}`, photo(n));
    stream.end();
    await ended;
    expect(answers.map((one) => one.result?.detected)).toEqual([3, 3, 3]);
  }, 240_000);

  test('fail, and do not wait for ever, where no server is left', async () => {
    const { stream, answers, ended, send } = open();
    stream.write({ options: { model: 'plants/2' } });
    await send('good', photo(1));
    await until('the first', async () => answers.length === 1);
    server.stop();
    await until('no server', async () => core.counting.mesh.connected().length === 0);
    await send('left', photo(2));
    await until('given up', async () => {
      ahead += 60_000;
      return answers.length === 2;
    });
    expect(answers[1]?.failure).toMatchObject({ code: 'MODEL_UNAVAILABLE', retryable: true });
    stream.end();
    await ended;
  }, 240_000);

  test.each([
    ['photos before options', { photo: { reference: 'x' } }, status.INVALID_ARGUMENT],
    ['a model that nobody holds', { options: { model: 'plants/9' } }, status.UNAVAILABLE],
    ['a tiling that is none', { options: { tiling: '7' } }, status.INVALID_ARGUMENT],
  ])('are refused: %s', async (_, first, code) => {
    const { stream, ended } = open();
    stream.write(first);
    expect(await rejection(ended)).toMatchObject({ code });
  });

  test('are refused where there are more than credits', async () => {
    onPhoto = () => {};
    const { stream, ended } = open();
    stream.write({ options: { model: 'plants/2' } });
    for (let n = 0; n < 9; n++) stream.write({ photo: { reference: `${n}`, content: photo(n) } });
    expect(await rejection(ended)).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  });
});
