import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Client } from 'minio';
import { systemClock } from '../clock.ts';
import { retry } from '../retry.ts';
import { type ReadObject, readObject } from './s3-reading.ts';
import { isTransient, transportWithTimeout } from './s3-transport.ts';

export interface S3Options {
  /** As this process reaches it. */
  readonly endpoint: string;
  /** As browsers and edges reach it; without one nobody gets links or grants. */
  readonly publicEndpoint?: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region?: string;
  /** Longest silence of the server. */
  readonly timeoutMs?: number;
  /** Tries of one call in all. */
  readonly attemptsMax?: number;
}

const DEFAULTS = { region: 'us-east-1', timeoutMs: 30_000, attemptsMax: 4 } as const;

export interface S3Call {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly key?: string;
  /** Encoded, without the question mark. */
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly body?: () => Readable | Buffer;
  /** Hex SHA-256 of the body; of nothing when left out. */
  readonly bodySha256?: string;
  /** Statuses that are answers rather than errors. */
  readonly statuses: number[];
  readonly signal?: AbortSignal;
}

const EMPTY_SHA256 = createHash('sha256').digest('hex');

/**
 * Signed requests to one bucket, through the minio client's signer: its `putObject` stores a
 * checksum as mere metadata. Timeouts and retries are ours, because it has none for a refused,
 * reset or silent connection.
 */
export class S3Requests {
  readonly bucket: string;
  readonly region: string;
  readonly #client: Client;
  readonly #options: S3Options;

  constructor(options: S3Options) {
    this.#options = options;
    const url = new URL(options.endpoint);
    const secure = url.protocol === 'https:';
    this.bucket = options.bucket;
    this.region = options.region ?? DEFAULTS.region;
    this.#client = new Client({
      endPoint: url.hostname,
      port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
      useSSL: secure,
      accessKey: options.accessKey,
      secretKey: options.secretKey,
      region: this.region,
      pathStyle: true,
      retryOptions: { disableRetry: true },
      transport: transportWithTimeout(secure, options.timeoutMs ?? DEFAULTS.timeoutMs),
    });
  }

  /** Answers with one of the call's statuses; rejects with what the server or the way to it said. */
  async send(call: S3Call): Promise<IncomingMessage> {
    const signed = this.#client.enableSHA256 ? (call.bodySha256 ?? EMPTY_SHA256) : '';
    return await this.#tried(call.signal, async () => {
      const options = {
        method: call.method,
        bucketName: this.bucket,
        objectName: call.key,
        query: call.query,
        headers: { ...call.headers },
      };
      const body = call.body?.() ?? '';
      return await this.#client.makeRequestStreamAsync(
        options,
        body,
        signed,
        call.statuses,
        this.region,
      );
    });
  }

  /** The bytes of an object. */
  async read(key: string, signal?: AbortSignal): Promise<ReadObject> {
    const { endpoint, accessKey, secretKey, timeoutMs = DEFAULTS.timeoutMs } = this.#options;
    const url = new URL(`/${this.bucket}/${encodeKey(key)}`, endpoint);
    const keys = { accessKey, secretKey, region: this.region };
    return await this.#tried(signal, () => readObject({ url, ...keys, timeoutMs, signal }));
  }

  async #tried<T>(signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
    return await retry(run, {
      clock: systemClock,
      attemptsMax: this.#options.attemptsMax ?? DEFAULTS.attemptsMax,
      baseMs: 200,
      maxMs: 2_000,
      retryable: isTransient,
      signal,
    });
  }

  list(prefix: string): AsyncIterable<Listed> {
    return this.#client.listObjectsV2(this.bucket, prefix, true);
  }

  async makeBucket(): Promise<void> {
    await this.#client.makeBucket(this.bucket, this.region);
  }
}

interface Listed {
  readonly name?: string | undefined;
  readonly lastModified?: Date | undefined;
}

/** For an address or a header; slashes stay. */
export function encodeKey(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/');
}

export async function readText(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer) text += Buffer.from(chunk).toString('utf8');
  return text;
}
