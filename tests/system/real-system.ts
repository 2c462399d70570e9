import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sparePort } from '@demeter/common/spare-port';
import { Centre } from './centre.ts';
import { cleanEnvironment, type RealServers } from './environment.ts';

export type PartName = 'core' | 'edge' | 'server-1' | 'server-2';

/**
 * The whole system on real servers: one core, one edge, two inference servers, each a process that
 * a test may kill and start again. Its database, buckets and folders are its own.
 */
export class RealSystem extends Centre<PartName> {
  readonly cameraKey = randomBytes(16).toString('hex');
  readonly #edgePort = sparePort();

  constructor(servers: RealServers) {
    super(servers);
    const env = cleanEnvironment({
      DEMETER_EDGE_PORT: String(this.#edgePort),
      DEMETER_EDGE_DATA: join(this.folder, 'edge'),
      DEMETER_EDGE_CAMERAS: join(this.folder, 'cameras.json'),
      DEMETER_EDGE_CORE_URL: this.coreUrl,
      DEMETER_EDGE_STORE_ENDPOINT: servers.s3.endpoint,
      DEMETER_EDGE_STORE_BUCKET: `${this.bucket}-edge`,
      DEMETER_EDGE_STORE_ACCESS_KEY: servers.s3.accessKey,
      DEMETER_EDGE_STORE_SECRET_KEY: servers.s3.secretKey,
    });
    this.programs.set('edge', { entry: 'edge/src/main.ts', env });
    for (const name of ['server-1', 'server-2'] as const) {
      const entry = 'inference/src/main.ts';
      this.programs.set(name, { entry, env: this.inferenceEnvironment() });
    }
  }

  get edgeUrl(): string {
    return `http://127.0.0.1:${this.#edgePort}`;
  }

  /** Database, schema, nursery with `places`, then all four processes. */
  async start(places: readonly string[]): Promise<void> {
    await this.open(places);
    const { token } = await this.admin<{ token: string }>('edge', 'add', 'greenhouse', '--token');
    this.programs.get('edge')!.env.DEMETER_EDGE_TOKEN = token;
    const hash = createHash('sha256').update(this.cameraKey).digest('hex');
    writeFileSync(
      join(this.folder, 'cameras.json'),
      JSON.stringify({ cameras: [{ code: 'camera', key_sha256: hash }] }),
    );
    await Promise.all([this.launch('edge'), this.launch('server-1'), this.launch('server-2')]);
    await this.untilReady(2);
  }

  /** Sends a photo as a camera does: again and again until the edge has answered for it. */
  async send(bytes: Uint8Array, place: string): Promise<string> {
    for (;;) {
      const response = await fetch(`${this.edgeUrl}/photos`, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.cameraKey}`, 'x-location-code': place },
        body: new Uint8Array(bytes),
        signal: AbortSignal.timeout(60_000),
        // No answer at all: the edge is down, or died before it had answered.
      }).catch(() => undefined);
      if (response?.ok) return ((await response.json()) as { photo_id: string }).photo_id;
      if (response && response.status < 500) throw new Error(`refused: ${await response.text()}`);
      await Bun.sleep(100);
    }
  }
}
