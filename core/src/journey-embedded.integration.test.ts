import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { createPlaces, type Places } from './_places-fixture.ts';
import {
  type CoreProcess,
  type Environment,
  type InferenceProcess,
  type Process,
  runAdmin,
  startCoreProcess,
  startInferenceProcess,
  startProcess,
  TEST_DATA,
  until,
} from './_processes.ts';
import { type OpenDatabase, openDatabase } from './db/database.ts';
import type { PhotoBody } from './photos/photo-body.ts';
import { Client } from './reprocess/_reprocess-fixture.ts';

describe.skipIf(!TEST_DATA)(
  'a photo’s journey on the embedded database and a folder (needs DEMETER_TEST_DATA)',
  () => {
    let scratch: string;
    let env: Environment;
    let postgres: Process<{ url: string }>;
    let opened: OpenDatabase;
    let core: CoreProcess;
    let server: InferenceProcess;
    let token: string;
    let places: Places;
    let bus: Uint8Array;

    beforeAll(async () => {
      scratch = await mkdtemp(path.join(tmpdir(), 'demeter-embedded-'));
      postgres = await startProcess('cli/src/embedded/postgres-main.ts', {}, [scratch]);
      env = { DATABASE_URL: postgres.ready.url, DEMETER_STORE_DIR: path.join(scratch, 'store') };
      await runAdmin(['migrate', 'up'], env);
      await runAdmin(['init'], env);
      token = JSON.parse(await runAdmin(['token', '--role', 'admin', '--json'], env)).token;
      opened = await openDatabase({ url: postgres.ready.url, poolSize: 5 });
      places = await createPlaces(opened.db);
      bus = await readFile(path.join(TEST_DATA ?? '', 'photos-and-models/reference/bus.jpg'));
      core = await startCoreProcess(env);
      server = await startInferenceProcess(core.ready.grpc);
    }, 240_000);

    afterAll(async () => {
      await Promise.all([core?.stop(), server?.stop()]);
      await opened?.close();
      await postgres?.stop();
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
    const shaOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    const counted = (id: string) =>
      until(`${id} counted`, async () => {
        const photo = (await (await call(`/api/v1/photos/${id}`)).json()) as PhotoBody;
        return photo.session.state === 'completed' && photo;
      });

    test('one session serves all: photos are taken, counted, booked and drawn', async () => {
      expect(opened.embedded).toBe(true);
      await until('a pipeline', async () => {
        const ready = (await (await call('/health/ready')).json()) as { accepts_photos: boolean };
        return ready.accepts_photos;
      });
      const sent: string[] = [];
      for (let i = 0; i < 3; i++) {
        await places.add(`E-${i}`, i);
        const bytes = new Uint8Array(
          await sharp(bus)
            .jpeg({ quality: 80 + i })
            .toBuffer(),
        );
        sent.push(shaOf(bytes));
        const answers = await Promise.all(
          [1, 2, 3].map(() => send(bytes, `?location_code=E-${i}`)),
        );
        expect(answers.map((answer) => answer.status).sort()).toEqual([200, 200, 201]);
      }
      for (const id of sent) {
        const photo = await counted(id);
        expect(photo.batch?.quantity_current).toBe(photo.session.detected ?? -1);
        expect(photo.sightings).toBe(3);
      }
      await until('pictures', async () => {
        const { items } = (await (await call('/api/v1/photos')).json()) as { items: PhotoBody[] };
        return items.every((photo) => photo.links.overlay !== null);
      });
      const check = (await (await call('/api/v1/stock/check')).json()) as Record<string, unknown>;
      expect(check).toMatchObject({ batches: 3, movements: 3, disagreeing: [] });
    }, 240_000);

    test('a core killed in the middle goes on at once: nobody else could hold its leases', async () => {
      await places.add('E-9', 9);
      const bytes = new Uint8Array(await sharp(bus).jpeg({ quality: 60 }).toBuffer());
      expect((await send(bytes, '?location_code=E-9')).status).toBe(201);
      const port = core.ready.grpc.split(':')[1] ?? '';
      await core.kill();
      core = await startCoreProcess({ ...env, DEMETER_CORE_GRPC_PORT: port });
      const photo = await counted(shaOf(bytes));
      expect(photo.batch?.quantity_current).toBe(photo.session.detected ?? -1);
    }, 240_000);

    test('known photos are counted again with another threshold, and promoted, over a restart', async () => {
      const port = core.ready.grpc.split(':')[1] ?? '';
      const client = new Client(core.ready.grpc, token);
      const before = (await (await call('/api/v1/photos')).json()) as { items: PhotoBody[] };
      const { reprocessing_id } = await client.start({ options: { confidence: 0.85 } });
      await core.kill();
      core = await startCoreProcess({ ...env, DEMETER_CORE_GRPC_PORT: port });
      const state = (wanted: string) =>
        until(wanted, async () => {
          const { reprocessing } = await client
            .call('Get', { reprocessing_id })
            .catch(() => ({ reprocessing: {} }));
          return reprocessing.state === wanted && reprocessing;
        });
      const done = await state('STATE_COMPLETED');
      expect(done).toMatchObject({ photos: '4', counted: '4', failed: '0' });
      expect(Number(done.plants_after)).toBeLessThan(Number(done.plants_before));
      const beside = (await (await call('/api/v1/photos')).json()) as { items: PhotoBody[] };
      const detected = ({ items }: typeof before) => items.map((one) => one.session.detected);
      expect(detected(beside)).toEqual(detected(before));
      const promoted = await client.call('Promote', { reprocessing_id });
      expect(promoted.reprocessing.state).toBe('STATE_PROMOTED');
      expect(Number(promoted.proposals)).toBeGreaterThan(0);
      const after = (await (await call('/api/v1/photos')).json()) as { items: PhotoBody[] };
      const sum = (list: typeof before) => detected(list).reduce<number>((a, b) => a + (b ?? 0), 0);
      expect(sum(after)).toBe(Number(done.plants_after));
      const check = (await (await call('/api/v1/stock/check')).json()) as Record<string, unknown>;
      expect(check).toMatchObject({ disagreeing: [] });
      client.close();
    }, 240_000);
  },
);
