/** For tests. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Clock } from '@demeter/common/clock';
import { newId } from '@demeter/common/ids';
import { originalKey } from '@demeter/common/object-keys';
import { DirectoryObjectStore } from '@demeter/common/object-store/directory';
import { demeterV1, type Photo__Output, type Reprocessing } from '@demeter/proto';
import { ChannelCredentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { sql } from 'kysely';
import { createTestCore, type TestCore } from '../_test-core.ts';
import type { CoreContext } from '../context.ts';
import { type Counting, createCounting } from '../counting.ts';
import type { Database } from '../db/database.ts';
import { ScriptedServer, type Stream } from '../mesh/_scripted-server.ts';
import {
  modelsOf,
  type PipelineDefinition,
  pipelineDigest,
  toDefinition,
} from '../pipelines/pipeline.ts';
import { ensurePartitions } from '../runs/partitions.ts';
import { createNursery, type Nursery } from '../stock/_stock-fixture.ts';
import { bookCount } from '../stock/book-count.ts';

/** What photos were counted with, and what they are to be counted with. */
export const OLD = definitionOf('1', '01');
export const NEW = definitionOf('2', '02');

function definitionOf(version: string, byte: string): PipelineDefinition {
  return toDefinition({ name: 'plants', version, digest: byte.repeat(32) }, { mode: 'manifest' });
}

/** A nursery whose photos were counted with OLD; originals lie in a folder. */
export interface Greenhouse {
  readonly nursery: Nursery;
  readonly core: TestCore;
  readonly context: CoreContext;
  /** Adds a photo that was counted, or (null) could not be, and books it. Answers its hash. */
  add(photo: { locationId: string | null; detected: number | null }): Promise<Buffer>;
  /** Adds photos of which there are rows only, spread over no place. */
  addRows(photos: number): Promise<void>;
  close(): Promise<void>;
}

export async function createGreenhouse(
  db: Database,
  options: { readonly env?: Record<string, string>; readonly clock?: Clock } = {},
): Promise<Greenhouse> {
  await ensurePartitions(db, new Date());
  const nursery = await createNursery(db);
  const { organisationId } = nursery;
  const scratch = await mkdtemp(path.join(tmpdir(), 'demeter-reprocess-'));
  const originals = new DirectoryObjectStore(scratch);
  await originals.init();
  const env = { DEMETER_PLANTS_MODEL: 'plants/1', DEMETER_CORE_GRPC_PORT: '0', ...options.env };
  const core = await createTestCore(db, { organisationId, env });
  const context: CoreContext = {
    ...core.context,
    originals,
    derived: originals,
    ...(options.clock ? { clock: options.clock } : {}),
  };
  await sql`insert into pipelines (organisation_id, digest, definition) values
    (${organisationId}, ${pipelineDigest(OLD)}, ${JSON.stringify(OLD)})`.execute(db);
  let made = 0;
  const add = async (photo: { locationId: string | null; detected: number | null }) => {
    const bytes = Buffer.from(`photo ${++made} of ${organisationId}`);
    const sha256 = createHash('sha256').update(bytes).digest();
    const key = originalKey({ organisationId, sha256: sha256.toString('hex') });
    await originals.put(
      key,
      { bytes },
      { sha256: sha256.toString('hex'), sizeBytes: bytes.length, mediaType: 'image/jpeg' },
    );
    const photoSessionId = await writePhoto(db, organisationId, { ...photo, sha256, key });
    if (photo.detected !== null) {
      await db.transaction().execute((trx) => bookCount(trx, { organisationId, photoSessionId }));
    }
    return sha256;
  };
  return {
    nursery,
    core,
    context,
    add,
    addRows: (photos) => writeRows(db, organisationId, photos),
    close: () => rm(scratch, { recursive: true, force: true }),
  };
}

interface NewPhoto {
  readonly locationId: string | null;
  readonly detected: number | null;
  readonly sha256: Buffer;
  readonly key: string;
}

async function writePhoto(
  db: Database,
  organisationId: string,
  { locationId, detected, sha256, key }: NewPhoto,
): Promise<string> {
  const [session, run] = [newId(), newId()];
  const createdAt = new Date();
  const isCounted = detected !== null;
  await sql`insert into photo_sessions (organisation_id, id, state, storage_location_id,
      current_run_id, detected) values (${organisationId}, ${session},
      ${isCounted ? 'processing' : 'failed'}, ${locationId}, ${run}, ${detected})`.execute(db);
  await sql`insert into photos (organisation_id, sha256, photo_session_id, state, size_bytes,
      media_type, object_key, storage_location_id, location_source) values (${organisationId},
      ${sha256}, ${session}, ${isCounted ? 'stored' : 'quarantined'}, 9, 'image/jpeg', ${key},
      ${locationId}, ${locationId && 'explicit'})`.execute(db);
  await sql`insert into runs (organisation_id, id, sha256, pipeline_digest, state, detected, counts,
      created_at, completed_at, tiles, timings) values (${organisationId}, ${run}, ${sha256},
      ${pipelineDigest(OLD)}, ${isCounted ? 'completed' : 'quarantined'}, ${detected},
      ${isCounted ? JSON.stringify({ plant: detected }) : null}, ${createdAt}, ${createdAt}, 4,
      ${JSON.stringify({ decode_ms: 100, tile_ms: 0, inference_ms: 500, merge_ms: 0 })})`.execute(
    db,
  );
  await sql`insert into detections (organisation_id, run_id, run_created_at, ordinal, class_name,
      confidence, x1, y1, x2, y2)
    select ${organisationId}::uuid, ${run}::uuid, ${createdAt}, n, 'plant', 0.9, 0, 0, 9, 9
      from generate_series(0, ${(detected ?? 0) - 1}::int) n`.execute(db);
  return session;
}

const CHUNK_ROWS = 10_000;

async function writeRows(db: Database, organisationId: string, photos: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // Foreign keys are right by construction; checking so many takes long.
    await sql`set local session_replication_role = replica`.execute(trx);
    // Each statement has its time, also where the machine is busy.
    for (let left = photos; left > 0; left -= CHUNK_ROWS) {
      await sql`
      with made as (
        select gen_random_uuid() as session, sha256(gen_random_uuid()::text::bytea) as sha
          from generate_series(1, ${Math.min(left, CHUNK_ROWS)}::int)
      ), sessions as (
        insert into photo_sessions (organisation_id, id, state)
        select ${organisationId}::uuid, session, 'needs_location' from made
      )
      insert into photos (organisation_id, sha256, photo_session_id, state, size_bytes, media_type,
                          object_key)
      select ${organisationId}::uuid, sha, session, 'stored', 1, 'image/jpeg', 'k' from made`.execute(
        trx,
      );
    }
  });
}

/** A server that holds both models and does with photos what a test says. */
export async function startCountingServer(
  onPhoto: (photo: Photo__Output, stream: Stream) => void,
): Promise<{ server: ScriptedServer; address: string }> {
  const server = new ScriptedServer();
  server.id = newId();
  server.credits = 3;
  server.report.models = [OLD, NEW].flatMap(modelsOf).map(({ name, version, digest }) => ({
    name,
    version,
    digest: Buffer.from(digest, 'hex'),
    state: 'STATE_READY',
  }));
  server.onPhoto = onPhoto;
  return { server, address: `127.0.0.1:${await server.listen()}` };
}

/** Answers a photo with a failure that another server would not answer otherwise. */
export function refuse({ work_id }: Photo__Output, stream: Stream): void {
  stream.write({
    failure: { work_id, code: 'UNDECODABLE_PHOTO', message: 'no photo', retryable: false },
  });
  stream.write({ credit: { photos: 1 } });
}

/** A core with its gRPC port, and a client of it. */
export interface RunningCore {
  readonly counting: Counting;
  readonly client: Client;
  stop(): Promise<void>;
}

export async function startTestCore(greenhouse: Greenhouse): Promise<RunningCore> {
  const counting = await createCounting(greenhouse.context);
  const address = await counting.start();
  const client = new Client(address, await greenhouse.core.token('admin'));
  return {
    counting,
    client,
    stop: async () => {
      client.close();
      await counting.stop();
    },
  };
}

type Stub = InstanceType<typeof demeterV1.Reprocess>;

/** Calls of one person; unary ones as promises. */
export class Client {
  readonly stub: Stub;
  readonly metadata = new Metadata();

  constructor(address: string, token?: string) {
    this.stub = new demeterV1.Reprocess(address, ChannelCredentials.createInsecure());
    if (token !== undefined) this.metadata.set('authorization', `Bearer ${token}`);
  }

  /** A unary call by name; rejects with the ServiceError. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape.
  call(method: keyof Stub & string, request: object): Promise<any> {
    const { promise, resolve, reject } = Promise.withResolvers();
    const stub = this.stub as unknown as Record<
      string,
      (
        request: object,
        metadata: Metadata,
        done: (error: ServiceError | null, answer: unknown) => void,
      ) => void
    >;
    stub[method]!(request, this.metadata, (error, given) =>
      error ? reject(error) : resolve(given),
    );
    return promise;
  }

  /** Plans and starts; answers what was started. */
  async start(request: object): Promise<Reprocessing & { reprocessing_id: string }> {
    const { plan } = await this.call('Plan', request);
    return (await this.call('Start', { plan_id: plan.plan_id })).reprocessing;
  }

  close(): void {
    this.stub.close();
  }
}
