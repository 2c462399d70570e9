import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseConfig } from '@demeter/common/config';
import { newId } from '@demeter/common/ids';
import { sql } from 'kysely';
import sharp from 'sharp';
import { type CoreProcess, type Environment, runAdmin, startCoreProcess } from '../_processes.ts';
import type { TestDatabase } from '../db/_test-database.ts';
import { pipelineDigest, toDefinition } from '../pipelines/pipeline.ts';
import { createStores } from '../stores.ts';

/** A core as a process, its store as this process sees it, and boxes that speak to it over HTTP. */

const S3_ENDPOINT = process.env.DEMETER_TEST_S3_ENDPOINT;

export interface TestPhoto {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** With the S3 server of the tests where there is one, else with a folder. */
export async function startSyncCore(database: TestDatabase) {
  const scratch = await mkdtemp(path.join(tmpdir(), 'demeter-sync-'));
  const run = crypto.randomUUID().slice(0, 8);
  const env: Environment = {
    DATABASE_URL: database.url,
    // That of `createTestCore`, which stands for another core beside this one.
    JWT_SECRET_KEY: 'a secret of tests that is long enough',
    DEMETER_STORE_DIR: path.join(scratch, 'store'),
    ...(S3_ENDPOINT
      ? {
          S3_ENDPOINT,
          S3_PUBLIC_ENDPOINT: S3_ENDPOINT,
          AWS_ACCESS_KEY_ID: process.env.DEMETER_TEST_S3_ACCESS_KEY ?? '',
          AWS_SECRET_ACCESS_KEY: process.env.DEMETER_TEST_S3_SECRET_KEY ?? '',
          S3_BUCKET_ORIGINAL: `sync-original-${run}`,
          S3_BUCKET_VISUALIZATION: `sync-viz-${run}`,
        }
      : {}),
  };
  await runAdmin(['init'], env);
  const { id: organisationId } = await database.db
    .selectFrom('organisations')
    .select('id')
    .where('code', '=', 'demeter')
    .executeTakeFirstOrThrow();
  // A pipeline as a server would have offered it, so that no server is needed to take photos.
  const definition = toDefinition(
    { name: 'yolov8n_int8_640', version: '1', digest: 'ab'.repeat(32) },
    { mode: 'manifest' },
  );
  await sql`insert into pipelines (organisation_id, digest, definition)
    values (${organisationId}, ${pipelineDigest(definition)}, ${JSON.stringify(definition)})
    on conflict do nothing`.execute(database.db);
  const core = await startCoreProcess(env);
  const admin = JSON.parse(await runAdmin(['token', '--role', 'admin', '--json'], env)).token;
  const { originals } = createStores(parseConfig(env).values);
  const call = callerOf(core, admin);
  return {
    organisationId,
    originals,
    /** As the administrator. */
    call,
    url: core.ready.http,
    upload: (method: string, to: string, bytes: Uint8Array) =>
      fetch(new URL(to, core.ready.http), {
        method,
        headers: {
          authorization: `Bearer ${admin}`,
          'content-type': 'application/octet-stream',
        },
        body: new Uint8Array(bytes),
      }),
    addBox: async (code: string) => await addBox(core, call, `${code}-${run}`),
    stop: async () => {
      await core.stop();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

export type SyncCore = Awaited<ReturnType<typeof startSyncCore>>;

function callerOf(core: CoreProcess, token: string) {
  return async (method: string, to: string, body?: unknown) => {
    const answer = await fetch(new URL(to, core.ready.http), {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of any shape.
      body: JSON.parse(text || 'null') as any,
    };
  };
}

type Call = ReturnType<typeof callerOf>;

async function addBox(core: CoreProcess, asAdmin: Call, code: string) {
  const { body: edge } = await asAdmin('POST', '/api/v1/edges', { code, name: code });
  const { body: given } = await asAdmin('POST', `/api/v1/edges/${edge.id}/credential`);
  const call = callerOf(core, given.token);
  const grant = async ({ bytes, sha256 }: TestPhoto) => {
    const asked = { sha256, size_bytes: bytes.length, media_type: 'image/jpeg' };
    return (await call('POST', '/api/v1/edge/grants', asked)).body;
  };
  const put = async (given: { url: string; headers: Record<string, string> }, bytes: Uint8Array) =>
    (
      await fetch(new URL(given.url, core.ready.http), {
        method: 'PUT',
        headers: given.headers,
        body: new Uint8Array(bytes),
      })
    ).status;
  const register = async (photo: TestPhoto, sightingId: string, acceptedAt: string) =>
    await call('POST', '/api/v1/edge/photos', {
      sha256: photo.sha256,
      size_bytes: photo.bytes.length,
      media_type: 'image/jpeg',
      file_name: 'bench.jpg',
      sighting: {
        id: sightingId,
        camera: 'cam-1',
        captured_at: null,
        captured_at_source: 'none',
        accepted_at: acceptedAt,
      },
      correlation_id: newId(),
    });
  return {
    id: edge.id as string,
    token: given.token as string,
    call,
    grant,
    put,
    register,
    /** Grant, put and registration as a box does them. */
    send: async (photo: TestPhoto, sightingId: string, acceptedAt: string) => {
      const answer = await grant(photo);
      if (answer.state === 'put') await put(answer.grant, photo.bytes);
      return await register(photo, sightingId, acceptedAt);
    },
  };
}

export async function makePhoto(): Promise<TestPhoto> {
  const { width, height } = { width: 64, height: 48 };
  const noise = crypto.getRandomValues(new Uint8Array(width * height * 3));
  const image = sharp(noise, { raw: { width, height, channels: 3 } });
  const bytes = new Uint8Array(await image.jpeg().toBuffer());
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** 26 characters of Crockford's alphabet. */
export function ulid(): string {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const random = crypto.getRandomValues(new Uint8Array(26));
  return `0${[...random.slice(1)].map((byte) => alphabet[byte % 32]).join('')}`;
}
