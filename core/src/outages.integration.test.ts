import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash, randomBytes } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { sql } from 'kysely';
import sharp from 'sharp';
import {
  type CoreProcess,
  type Environment,
  runAdmin,
  startCoreProcess,
  until,
} from './_processes.ts';
import { createTestDatabase, TEST_DATABASE_URL } from './db/_test-database.ts';
import { pipelineDigest, toDefinition } from './pipelines/pipeline.ts';

const REDIS_URL = process.env.DEMETER_TEST_REDIS_URL;
const S3_ENDPOINT = process.env.DEMETER_TEST_S3_ENDPOINT;
const met = Boolean(TEST_DATABASE_URL && REDIS_URL && S3_ENDPOINT);
const database = met ? await createTestDatabase() : undefined;

/** A wire to a server that can be cut and mended. */
class Wire {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #cut = false;

  private constructor(target: URL) {
    this.#server = createServer((near) => {
      if (this.#cut) return void near.destroy();
      const far = connect(Number(target.port), target.hostname);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => {});
        one.on('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
  }

  static async to(url: string): Promise<{ wire: Wire; url: string }> {
    const wire = new Wire(new URL(url));
    const { promise, resolve } = Promise.withResolvers<void>();
    wire.#server.listen(0, '127.0.0.1', () => resolve());
    await promise;
    const address = wire.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const through = new URL(url);
    through.hostname = '127.0.0.1';
    through.port = String(address.port);
    return { wire, url: through.href.replace(/\/$/, '') };
  }

  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#cut = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}

describe.skipIf(!met)(
  'a core whose servers are away (needs DEMETER_TEST_DATABASE_URL, DEMETER_TEST_REDIS_URL, DEMETER_TEST_S3_ENDPOINT)',
  () => {
    let core: CoreProcess;
    let token: string;
    const wires: Record<string, Wire> = {};

    beforeAll(async () => {
      const run = crypto.randomUUID().slice(0, 8);
      const through = async (name: string, url: string) => {
        const made = await Wire.to(url);
        wires[name] = made.wire;
        return made.url;
      };
      const direct: Environment = {
        DATABASE_URL: database!.url,
        REDIS_URL: REDIS_URL ?? '',
        S3_ENDPOINT: S3_ENDPOINT ?? '',
        AWS_ACCESS_KEY_ID: process.env.DEMETER_TEST_S3_ACCESS_KEY ?? '',
        AWS_SECRET_ACCESS_KEY: process.env.DEMETER_TEST_S3_SECRET_KEY ?? '',
        S3_BUCKET_ORIGINAL: `outage-original-${run}`,
        S3_BUCKET_VISUALIZATION: `outage-viz-${run}`,
        JWT_SECRET_KEY: 'a-secret-of-at-least-32-characters',
      };
      await runAdmin(['init'], direct);
      const definition = toDefinition(
        { name: 'yolov8n_int8_640', version: '1', digest: 'ab'.repeat(32) },
        { mode: 'manifest' },
      );
      await sql`insert into pipelines (organisation_id, digest, definition)
        select id, ${pipelineDigest(definition)}, ${JSON.stringify(definition)}
          from organisations where code = 'demeter'`.execute(database!.db);
      token = JSON.parse(await runAdmin(['token', '--role', 'admin', '--json'], direct)).token;
      core = await startCoreProcess({
        ...direct,
        DATABASE_URL: await through('database', database!.url),
        REDIS_URL: await through('redis', REDIS_URL ?? ''),
        S3_ENDPOINT: await through('store', S3_ENDPOINT ?? ''),
      });
    }, 240_000);
    afterAll(async () => {
      for (const wire of Object.values(wires)) wire.mend();
      await core?.stop();
      for (const wire of Object.values(wires)) wire.close();
    }, 240_000);

    const photo = async () => {
      const raw = { width: 64, height: 48, channels: 3 } as const;
      return new Uint8Array(
        await sharp(randomBytes(64 * 48 * 3), { raw })
          .jpeg()
          .toBuffer(),
      );
    };
    const send = (bytes: Uint8Array) =>
      fetch(`${core.ready.http}/api/v1/photos`, {
        method: 'POST',
        body: new Uint8Array(bytes),
        headers: { authorization: `Bearer ${token}`, 'content-type': 'image/jpeg' },
        signal: AbortSignal.timeout(120_000),
      });
    const rowsOf = async (bytes: Uint8Array) => {
      const sha = createHash('sha256').update(bytes).digest();
      const { rows } = await sql<{ photos: number; queued: number }>`
        select (select count(*)::int from photos where sha256 = ${sha}) as photos,
               (select count(*)::int from run_queue q join runs r on r.id = q.run_id
                 where r.sha256 = ${sha}) as queued`.execute(database!.db);
      return rows[0];
    };

    test.each([
      ['database', 'DATABASE_UNAVAILABLE'],
      ['store', 'OBJECT_STORE_UNAVAILABLE'],
    ])(
      'without its %s it answers 503 with Retry-After, keeps nothing, and goes on by itself',
      async (name, code) => {
        const bytes = await photo();
        wires[name]!.cut();
        const refused = await send(bytes);
        expect(refused.status).toBe(503);
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(await refused.json()).toMatchObject({ code });
        expect(await rowsOf(bytes)).toEqual({ photos: 0, queued: 0 });
        wires[name]!.mend();
        await until('taken', async () => [200, 201].includes((await send(bytes)).status));
        expect(await rowsOf(bytes)).toEqual({ photos: 1, queued: 1 });
      },
      240_000,
    );

    test('without Redis it takes photos as before', async () => {
      wires.redis!.cut();
      const bytes = await photo();
      expect((await send(bytes)).status).toBe(201);
      const health = await fetch(`${core.ready.http}/health`);
      expect(await health.json()).toMatchObject({ status: 'degraded', redis: 'unreachable' });
      wires.redis!.mend();
      await until('Redis again', async () => {
        const again = (await (await fetch(`${core.ready.http}/health`)).json()) as {
          redis: string;
        };
        return again.redis === 'connected';
      });
    }, 240_000);
  },
);
