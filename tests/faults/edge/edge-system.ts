import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { S3ObjectStore } from '@demeter/common/object-store/s3';
import { Centre } from '../../system/centre.ts';
import { cleanEnvironment, type RealServers } from '../../system/environment.ts';
import { EdgeBox } from './box.ts';

export interface BoxOptions {
  /** Data folder; unset: one of its own. */
  readonly data?: string;
  readonly settings?: Readonly<Record<string, string>>;
}

/** What the centre says that it has of a photo. */
export interface AtCentre {
  readonly bytes: Uint8Array;
  /** ULIDs of the edge's sightings. */
  readonly sightings: ReadonlySet<string>;
}

/** A real core on PostgreSQL and MinIO, and edges that send to it; nobody counts the photos. */
export class EdgeSystem extends Centre {
  readonly #boxes: EdgeBox[] = [];
  /** By the box's name. */
  readonly #ids = new Map<string, string>();
  readonly #originals: S3ObjectStore;
  #honest: Promise<EdgeBox> | undefined;
  /** The centre's bucket of originals and inboxes. */
  readonly originalsBucket: string;

  constructor(
    readonly servers: RealServers,
    /** More settings of the core. */
    settings: Readonly<Record<string, string>> = {},
    /** Of Redis: a flood of sign-ins here, and what is counted by address, is no other system's. */
    redisDatabase = 1,
  ) {
    super(servers);
    const redis = new URL(servers.redisUrl);
    redis.pathname = `/${redisDatabase}`;
    Object.assign(this.programs.get('core')!.env, { REDIS_URL: redis.href, ...settings });
    this.originalsBucket = `${this.bucket}-original`;
    this.#originals = new S3ObjectStore({ ...servers.s3, bucket: this.originalsBucket });
  }

  /** Database, buckets, core. */
  override async open(): Promise<void> {
    await super.open();
    // As a server would have offered it, so that photos are taken without one.
    const role = { name: 'plants', version: '1', digest: 'ab'.repeat(32) };
    const definition = { version: 1, roles: { plants: role }, tiling: { mode: 'manifest' } };
    const digest = createHash('sha256').update(JSON.stringify(definition)).digest('hex');
    await this.sql`
      insert into pipelines (organisation_id, digest, definition)
      select id, decode(${digest}, 'hex'), ${definition}::jsonb from organisations`;
  }

  /** An edge that is known to the centre and has not been started. */
  async box(name: string, { data, settings = {} }: BoxOptions = {}): Promise<EdgeBox> {
    const credential = await this.credential(name);
    const folder = data ?? join(this.folder, `${name}-${this.#boxes.length}`);
    const env = cleanEnvironment({
      DEMETER_EDGE_PORT: '0',
      DEMETER_EDGE_DATA: folder,
      DEMETER_EDGE_CORE_URL: this.coreUrl,
      DEMETER_EDGE_TOKEN: credential.token,
      ...settings,
    });
    const logs = join(this.folder, 'logs');
    mkdirSync(logs, { recursive: true });
    const box = new EdgeBox(`${name}-${this.#boxes.length}`, folder, env, logs);
    this.#boxes.push(box);
    this.#ids.set(box.name, credential.id);
    return box;
  }

  /** One that works on while others attack the centre, or it; it runs until the system stops. */
  honestBox(): Promise<EdgeBox> {
    this.#honest ??= this.box('honest').then(async (box) => {
      await box.start();
      return box;
    });
    return this.#honest;
  }

  /** From now on the centre takes nothing of it. */
  async revoke({ name }: EdgeBox): Promise<void> {
    await this.ask(`/edges/${this.#ids.get(name)}`, { method: 'DELETE' });
  }

  /** What no log may show: of the core and of all boxes. */
  secrets(): readonly string[] {
    const { env } = this.programs.get('core')!;
    const ofCore = ['JWT_SECRET_KEY', 'AWS_SECRET_ACCESS_KEY', 'DEMETER_GRPC_TOKEN'];
    const tokens = this.#boxes.map((box) => box.env.DEMETER_EDGE_TOKEN!);
    return [...ofCore.map((name) => env[name]!), ...tokens];
  }

  /** A box of the centre's, and what it signs in with. */
  async credential(name: string): Promise<{ readonly id: string; readonly token: string }> {
    const code = `${name}-${crypto.randomUUID().slice(0, 8)}`;
    const { id } = await this.post<{ id: string }>('/edges', { code, name });
    const { token } = await this.post<{ token: string }>(`/edges/${id}/credential`);
    return { id, token };
  }

  async post<T>(path: string, body?: unknown): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    const init = body === undefined ? {} : { headers, body: JSON.stringify(body) };
    return await this.ask<T>(path, { method: 'POST', ...init });
  }

  /** The photo as the centre's database and object store have it; undefined: it has not. */
  async atCentre(hash: string): Promise<AtCentre | undefined> {
    const [photo] = await this.sql`
      select object_key from photos where sha256 = decode(${hash}, 'hex')`;
    if (!photo) return undefined;
    const { stream } = await this.#originals.get(photo.object_key);
    const sightings = await this.sightingsOf(hash);
    return { bytes: await new Response(stream).bytes(), sightings };
  }

  /** ULIDs of the edge's sightings that the centre has. */
  async sightingsOf(hash: string): Promise<ReadonlySet<string>> {
    const rows: { source_key: string }[] = await this.sql`
      select source_key from sightings where sha256 = decode(${hash}, 'hex')`;
    return new Set(rows.map((row) => row.source_key.split(':').at(-1)!));
  }

  /** Keys of the originals' bucket that hold this photo. */
  async objectsOf(hash: string): Promise<readonly string[]> {
    const keys: string[] = [];
    for await (const key of this.#originals.list('')) if (key.includes(hash)) keys.push(key);
    return keys;
  }

  override async stop(keepLogs = false): Promise<void> {
    for (const box of this.#boxes) await box.kill();
    await super.stop(keepLogs);
  }
}
