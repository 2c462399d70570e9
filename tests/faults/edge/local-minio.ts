import { mkdirSync } from 'node:fs';
import { sparePort } from '@demeter/common/spare-port';
import type { Subprocess } from 'bun';
import { boundToParent, endProcess, waitUntil } from '../../run/commands.ts';
import { minioBinary } from '../../run/servers/minio.ts';

const ACCESS_KEY = 'edge-store';
const SECRET_KEY = 'edge-store-secret';
const BUCKET = 'demeter-edge';

/** The MinIO of one box, on a folder of its own: it may be killed, wiped and started again. */
export class LocalMinio implements AsyncDisposable {
  readonly #port = sparePort();
  #child: Subprocess | undefined;

  constructor(readonly folder: string) {}

  get access() {
    const endpoint = `http://127.0.0.1:${this.#port}`;
    return { endpoint, bucket: BUCKET, accessKey: ACCESS_KEY, secretKey: SECRET_KEY };
  }

  /** Of the edge that it stands beside. */
  get settings(): Readonly<Record<string, string>> {
    return {
      DEMETER_EDGE_STORE_ENDPOINT: this.access.endpoint,
      DEMETER_EDGE_STORE_BUCKET: BUCKET,
      DEMETER_EDGE_STORE_ACCESS_KEY: ACCESS_KEY,
      DEMETER_EDGE_STORE_SECRET_KEY: SECRET_KEY,
    };
  }

  async start(): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    const address = `127.0.0.1:${this.#port}`;
    const options = ['--address', address, '--console-address', `127.0.0.1:${sparePort()}`];
    const command = [await minioBinary(), 'server', ...options, this.folder];
    const child = Bun.spawn(boundToParent(command, 'TERM'), {
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'ignore',
      env: {
        PATH: process.env.PATH,
        HOME: this.folder,
        MINIO_ROOT_USER: ACCESS_KEY,
        MINIO_ROOT_PASSWORD: SECRET_KEY,
        MINIO_BROWSER: 'off',
        // As in production: without it a rename may be lost in a power cut.
        MINIO_FS_OSYNC: 'on',
      },
    });
    this.#child = child;
    const ready = async () => (await fetch(`http://${address}/minio/health/ready`)).ok;
    await waitUntil('the MinIO of the edge', child, ready);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    if (this.#child) await endProcess(this.#child, 'SIGKILL');
    this.#child = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
