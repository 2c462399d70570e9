import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import sharp, { type Sharp } from 'sharp';
import { createPlaces, type Places } from './_places-fixture.ts';
import {
  type CoreProcess,
  type Environment,
  type InferenceProcess,
  runAdmin,
  startCoreProcess,
  startInferenceProcess,
  TEST_DATA,
  until,
} from './_processes.ts';
import { createTestDatabase, TEST_DATABASE_URL } from './db/_test-database.ts';
import type { PhotoBody } from './photos/photo-body.ts';

const REDIS_URL = process.env.DEMETER_TEST_REDIS_URL;
const S3_ENDPOINT = process.env.DEMETER_TEST_S3_ENDPOINT;
const needs =
  'needs DEMETER_TEST_DATABASE_URL, DEMETER_TEST_REDIS_URL, DEMETER_TEST_S3_ENDPOINT, DEMETER_TEST_DATA';
const met = Boolean(TEST_DATABASE_URL && REDIS_URL && S3_ENDPOINT && TEST_DATA);
const database = met ? await createTestDatabase() : undefined;
/** Rows of a photo that was sent, counted and booked once. */
const ONCE = { photos: 1, sightings: 1, runs: 1, movements: 1, queued: 0 };

describe.skipIf(!met)(`a photo's journey through the core (${needs})`, () => {
  let env: Environment;
  let scratch: string;
  let core: CoreProcess;
  let server: InferenceProcess;
  let token: string;
  let places: Places;
  let bus: Uint8Array;

  beforeAll(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'demeter-journey-'));
    const run = crypto.randomUUID().slice(0, 8);
    env = {
      DATABASE_URL: database!.url,
      REDIS_URL: REDIS_URL ?? '',
      S3_ENDPOINT: S3_ENDPOINT ?? '',
      AWS_ACCESS_KEY_ID: process.env.DEMETER_TEST_S3_ACCESS_KEY ?? '',
      AWS_SECRET_ACCESS_KEY: process.env.DEMETER_TEST_S3_SECRET_KEY ?? '',
      S3_BUCKET_ORIGINAL: `journey-original-${run}`,
      S3_BUCKET_VISUALIZATION: `journey-viz-${run}`,
      JWT_SECRET_KEY: `journey-secret-of-32-characters-${run}`,
      DEMETER_LEASE_SECONDS: '60',
    };
    await runAdmin(['init'], env);
    places = await createPlaces(database!.db);
    const printed = await runAdmin(['token', '--role', 'admin', '--minutes', '60', '--json'], env);
    token = JSON.parse(printed).token;
    bus = await readFile(path.join(TEST_DATA ?? '', 'photos-and-models/reference/bus.jpg'));
    core = await startCoreProcess(env);
  }, 240_000);

  afterAll(async () => {
    await Promise.all([core?.stop(), server?.stop()]);
    await rm(scratch, { recursive: true, force: true });
  }, 240_000);

  const call = (to: string, init: RequestInit = {}) =>
    fetch(new URL(to, core.ready.http), {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) },
    });
  const send = (bytes: Uint8Array, query = '') =>
    call(`/api/v1/photos${query}`, {
      method: 'POST',
      body: new Uint8Array(bytes),
      headers: { 'content-type': 'image/jpeg' },
    });
  const read = async (id: string): Promise<PhotoBody> => {
    const answer = await call(`/api/v1/photos/${id}`);
    expect(answer.status).toBe(200);
    return (await answer.json()) as PhotoBody;
  };
  const counted = (id: string, state = 'completed') =>
    until(`${id} ${state}`, async () => {
      const photo = await read(id);
      return photo.session.state === state && photo;
    });
  /** The photo with something of its own, so that each test has bytes nobody sent before. */
  const variant = async (seed: number, change: (image: Sharp) => Sharp = (i) => i) =>
    new Uint8Array(
      await change(sharp(bus))
        .withExif({ IFD0: { ImageDescription: `variant ${seed}` } })
        .jpeg({ quality: 92 })
        .toBuffer(),
    );
  const shaOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const rows = async (id: string) => {
    const sha = Buffer.from(id, 'hex');
    const { rows: found } = await sql<Record<string, number>>`
      select (select count(*)::int from photos where sha256 = ${sha}) as photos,
             (select count(*)::int from sightings where sha256 = ${sha}) as sightings,
             (select count(*)::int from runs where sha256 = ${sha}) as runs,
             (select count(*)::int from stock_movements where photo_sha256 = ${sha}) as movements,
             (select count(*)::int from run_queue q join runs r on r.id = q.run_id
               where r.sha256 = ${sha}) as queued`.execute(database!.db);
    return found[0];
  };

  test('without any pipeline photos are refused for now, and nothing is kept', async () => {
    const answer = await send(bus);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await answer.json()).toMatchObject({ code: 'NO_PIPELINE' });
    const ready = await call('/health/ready');
    expect(await ready.json()).toEqual({ status: 'ready', accepts_photos: false });
    expect(await rows(shaOf(bus))).toMatchObject({ photos: 0 });
  });

  test('a photo with a named place is counted, booked, drawn and linked', async () => {
    await places.add('J-1', 1);
    server = await startInferenceProcess(core.ready.grpc);
    await until('a pipeline', async () => {
      const ready = (await (await call('/health/ready')).json()) as { accepts_photos: boolean };
      return ready.accepts_photos;
    });
    const answer = await send(bus, '?location_code=J-1');
    expect(answer.status).toBe(201);
    const sent = (await answer.json()) as { photo_id: string; original_url: string };
    expect(sent.photo_id).toBe(shaOf(bus));
    const photo = await counted(sent.photo_id);
    expect(photo.run?.counts).toEqual({ bus: 1, person: 4 });
    expect(photo).toMatchObject({
      state: 'stored',
      width: 810,
      height: 1080,
      location: { code: 'J-1' },
      location_source: 'explicit',
      session: { detected: 5 },
      batch: { quantity_current: 5 },
    });
    expect(await rows(sent.photo_id)).toEqual(ONCE);
    const booked = 'demeter_stock_operations_total{operation_type="photo"} 1';
    expect(await (await call('/metrics')).text()).toContain(booked);
    const found = await call(`/api/v1/photos/${sent.photo_id}/detections`);
    const detections = (await found.json()) as { boxes: number[]; confidences: number[] };
    expect(detections.boxes).toHaveLength(20);
    expect(detections.confidences).toEqual([...detections.confidences].sort((a, b) => b - a));
    const drawn = await until('pictures', async () => {
      const { links } = await read(sent.photo_id);
      return links.overlay !== null && links.thumbnail !== null && links;
    });
    const original = await fetch(sent.original_url);
    expect(shaOf(await original.bytes())).toBe(sent.photo_id);
    const sizeOf = async (link: string | null) =>
      await sharp(await (await fetch(link ?? '')).bytes()).metadata();
    expect(await sizeOf(drawn.overlay)).toMatchObject({ format: 'webp', width: 810, height: 1080 });
    expect(await sizeOf(drawn.thumbnail)).toMatchObject({ width: 300, height: 400 });
    const forged = await fetch(sent.original_url.replace('/original/', '/overlay/'));
    expect(forged.status).toBe(403);
  }, 240_000);

  test('the same bytes a hundred times at once are one photo, one run, one movement', async () => {
    await places.add('J-2', 2);
    const bytes = await variant(2);
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => send(bytes, '?location_code=J-2')),
    );
    const statuses = answers.map((answer) => answer.status).sort();
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 200)).toHaveLength(99);
    const bodies = await Promise.all(answers.map((answer) => answer.json()));
    for (const body of bodies) expect(body).toMatchObject({ photo_id: shaOf(bytes) });
    await counted(shaOf(bytes));
    expect(await rows(shaOf(bytes))).toEqual({
      photos: 1,
      sightings: 100,
      runs: 1,
      movements: 1,
      queued: 0,
    });
  }, 240_000);

  test('another place for known bytes is a conflict that names the stored one', async () => {
    await places.add('J-3', 3);
    const bytes = await variant(2);
    const answer = await send(bytes, '?location_code=J-3');
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ code: 'LOCATION_CONFLICT', location_code: 'J-2' });
    expect((await send(bytes, '?location_code=J-2')).status).toBe(200);
    expect((await send(bytes, '?location_code=nowhere')).status).toBe(404);
  });

  test('a photo without place is counted, waits, and is booked when somebody names it', async () => {
    const bytes = await variant(4);
    const id = shaOf(bytes);
    expect((await send(bytes)).status).toBe(201);
    const waiting = await counted(id, 'needs_location');
    expect(waiting.session.detected).toBe(waiting.run?.detected ?? -1);
    expect(await rows(id)).toMatchObject({ movements: 0 });
    await places.add('J-4', 4);
    const put = await call(`/api/v1/photos/${id}/location`, {
      method: 'PUT',
      body: JSON.stringify({ location_code: 'J-4' }),
      headers: { 'content-type': 'application/json' },
    });
    expect(put.status).toBe(200);
    expect(await put.json()).toMatchObject({
      location: { code: 'J-4' },
      location_source: 'person',
      session: { state: 'completed' },
      batch: { quantity_current: waiting.session.detected ?? -1 },
    });
  }, 240_000);

  test('a place without configuration keeps the count and waits', async () => {
    await places.add('J-5', 5, false);
    const bytes = await variant(5);
    await send(bytes, '?location_code=J-5');
    const photo = await counted(shaOf(bytes), 'needs_config');
    expect(photo.session.detected).toBeGreaterThan(0);
  }, 240_000);

  test('a tag in the photo says where it is, before GPS does', async () => {
    await places.add('J-6', 6);
    const { prepareZXingModule, writeBarcode } = await import('zxing-wasm/writer');
    const wasm = await readFile(
      new URL(import.meta.resolve('zxing-wasm/writer/zxing_writer.wasm')).pathname,
    );
    prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer } });
    const { image } = await writeBarcode('J-6', { format: 'QRCode', scale: 5 });
    const tag = await sharp(Buffer.from(await image!.arrayBuffer()))
      .extend({ top: 20, bottom: 20, left: 20, right: 20, background: '#fff' })
      .toBuffer();
    const bytes = await variant(6, (photo) => photo.composite([{ input: tag, left: 20, top: 20 }]));
    await send(bytes);
    const photo = await counted(shaOf(bytes));
    expect(photo).toMatchObject({ location: { code: 'J-6' }, location_source: 'tag' });
  }, 240_000);

  test('GPS finds the place that contains the position, and its zone dates the photo', async () => {
    await places.add('J-7', 70);
    const lon = places.longitude(70);
    const dms = (degrees: number) => {
      const minutes = (degrees % 1) * 60;
      return `${Math.floor(degrees)}/1 ${Math.floor(minutes)}/1 ${Math.round((minutes % 1) * 60_000)}/1000`;
    };
    const bytes = new Uint8Array(
      await sharp(bus)
        .withExif({
          IFD2: { DateTimeOriginal: '2026:07:01 10:00:00' },
          IFD3: {
            GPSLatitudeRef: 'N',
            GPSLatitude: dms(0.00004),
            GPSLongitudeRef: 'E',
            GPSLongitude: dms(lon),
          },
        })
        .jpeg()
        .toBuffer(),
    );
    await send(bytes);
    const photo = await counted(shaOf(bytes));
    expect(photo).toMatchObject({
      location: { code: 'J-7' },
      location_source: 'gps',
      captured_at: '2026-07-01T08:00:00.000Z',
    });
  }, 240_000);

  test.each([
    ['no image', new TextEncoder().encode('hello, this is text'), 415, 'NOT_AN_IMAGE'],
    ['no bytes', new Uint8Array(), 422, 'EMPTY_PHOTO'],
  ])('%s is refused', async (_, bytes, status, code) => {
    const answer = await send(bytes as Uint8Array);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ code });
    expect(await rows(shaOf(bytes as Uint8Array))).toMatchObject({ photos: 0 });
  });

  test('too many bytes and too many pixels are refused without being read in full', async () => {
    const tooLarge = await send(Buffer.concat([bus], 66 * 1024 * 1024));
    expect(tooLarge.status).toBe(413);
    expect(await tooLarge.json()).toMatchObject({ code: 'PHOTO_TOO_LARGE' });
    const bomb = new Uint8Array(
      await sharp({ create: { width: 10, height: 10, channels: 3, background: '#000' } })
        .png()
        .toBuffer(),
    );
    // The header alone says 30,000 × 30,000.
    new DataView(bomb.buffer).setUint32(16, 30_000);
    new DataView(bomb.buffer).setUint32(20, 30_000);
    const refused = await send(bomb);
    expect(refused.status).toBe(413);
    expect(await refused.json()).toMatchObject({ code: 'TOO_MANY_PIXELS' });
    const memory = await (await call('/metrics')).text();
    const resident = Number(/^process_resident_memory_bytes (\S+)/m.exec(memory)?.[1]);
    expect(resident).toBeLessThan(512 * 1024 * 1024);
  }, 240_000);

  test('a photo cut short is refused', async () => {
    const answer = await send(bus.slice(0, 60_000));
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: 'TRUNCATED_PHOTO' });
  });

  test('what looks whole and cannot be decoded is kept, and shown with its reason', async () => {
    const bytes = new Uint8Array(bus);
    // Damage that the header does not show: the compressed data stops in the middle.
    bytes.fill(0xff, 30_000, bytes.length - 2);
    const answer = await send(bytes, '?location_code=J-1');
    expect(answer.status).toBe(201);
    const photo = await counted(shaOf(bytes), 'failed');
    expect(photo.state).toBe('quarantined');
    expect(photo.quarantine_reason).toBeTruthy();
    expect(photo.session.error_code).toBe('UNDECODABLE_PHOTO');
    expect(await rows(shaOf(bytes))).toMatchObject({ photos: 1, movements: 0, queued: 0 });
  }, 240_000);

  test('a form is taken like raw bytes, its fields after the file too', async () => {
    await places.add('J-8', 8);
    const bytes = await variant(8);
    const form = new FormData();
    form.set('photo', new File([bytes], 'C:\\photos\\bench 8.jpg', { type: 'image/jpeg' }));
    form.set('location_code', 'J-8');
    form.set('captured_at', '2026-05-01T08:00:00+02:00');
    const answer = await call('/api/v1/photos/upload', { method: 'POST', body: form });
    expect(answer.status).toBe(201);
    expect(await read(shaOf(bytes))).toMatchObject({
      file_name: 'bench 8.jpg',
      location: { code: 'J-8' },
      captured_at: '2026-05-01T06:00:00.000Z',
    });
  });

  test('a server killed in the middle loses nothing and counts nothing twice', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 6; i++) {
      await places.add(`K-${i}`, 100 + i);
      const bytes = await variant(100 + i);
      ids.push(shaOf(bytes));
      expect((await send(bytes, `?location_code=K-${i}`)).status).toBe(201);
    }
    await until('some work', async () => (await read(ids[1] ?? '')).session.state === 'completed');
    await server.kill();
    server = await startInferenceProcess(core.ready.grpc);
    for (const id of ids) {
      await counted(id);
      expect(await rows(id)).toEqual(ONCE);
    }
  }, 240_000);

  test('photos of a server that hangs are counted by another one', async () => {
    const ids: string[] = [];
    const hung = server;
    hung.signal('SIGSTOP');
    server = await startInferenceProcess(core.ready.grpc);
    try {
      for (let i = 0; i < 3; i++) {
        await places.add(`H-${i}`, 150 + i);
        const bytes = await variant(150 + i);
        ids.push(shaOf(bytes));
        expect((await send(bytes, `?location_code=H-${i}`)).status).toBe(201);
      }
      for (const id of ids) {
        await counted(id);
        expect(await rows(id)).toEqual(ONCE);
      }
    } finally {
      await hung.kill();
    }
  }, 240_000);

  test('a core killed in the middle goes on where it was', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 4; i++) {
      await places.add(`L-${i}`, 200 + i);
      const bytes = await variant(200 + i);
      ids.push(shaOf(bytes));
      expect((await send(bytes, `?location_code=L-${i}`)).status).toBe(201);
    }
    const grpc = core.ready.grpc;
    await core.kill();
    core = await startCoreProcess({ ...env, DEMETER_CORE_GRPC_PORT: grpc.split(':')[1] ?? '' });
    for (const id of ids) {
      await counted(id);
      expect(await rows(id)).toEqual(ONCE);
    }
  }, 240_000);

  test('a stopped core ends with 0 and what was under way is counted by the next', async () => {
    const bytes = await variant(300);
    await places.add('M-0', 300);
    expect((await send(bytes, '?location_code=M-0')).status).toBe(201);
    const grpc = core.ready.grpc;
    expect(await core.stop()).toBe(0);
    core = await startCoreProcess({ ...env, DEMETER_CORE_GRPC_PORT: grpc.split(':')[1] ?? '' });
    await counted(shaOf(bytes));
    expect(await rows(shaOf(bytes))).toMatchObject({ runs: 1, movements: 1, queued: 0 });
  }, 240_000);
});
