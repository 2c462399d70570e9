import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { Client } from 'minio';
import { systemClock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { retry } from '../retry.ts';
import type {
  GrantPutOptions,
  ObjectBody,
  ObjectHead,
  ObjectStore,
  PresignGetOptions,
  PutGrant,
  PutOptions,
  PutResult,
  StoredObject,
} from './object-store.ts';
import { checksumHeader, type SigningOptions, signGet, signPut } from './s3-signing.ts';
import {
  isPreconditionFailed,
  isTransient,
  toS3Error,
  transportWithTimeout,
} from './s3-transport.ts';

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

interface Call {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  readonly key?: string;
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
 * One bucket of an S3 server. Requests go through the minio client's signed requests, because its
 * `putObject` stores a checksum as mere metadata; timeouts and retries are ours, because it has
 * none for a refused, reset or silent connection. Photos stay below the size that needs parts.
 */
export class S3ObjectStore implements ObjectStore {
  readonly kind = 's3';
  readonly #client: Client;
  readonly #bucket: string;
  readonly #region: string;
  readonly #attemptsMax: number;
  readonly #links: SigningOptions | null;

  constructor(options: S3Options) {
    const url = new URL(options.endpoint);
    const secure = url.protocol === 'https:';
    this.#bucket = options.bucket;
    this.#region = options.region ?? DEFAULTS.region;
    this.#attemptsMax = options.attemptsMax ?? DEFAULTS.attemptsMax;
    this.#client = new Client({
      endPoint: url.hostname,
      port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
      useSSL: secure,
      accessKey: options.accessKey,
      secretKey: options.secretKey,
      region: this.#region,
      pathStyle: true,
      retryOptions: { disableRetry: true },
      transport: transportWithTimeout(secure, options.timeoutMs ?? DEFAULTS.timeoutMs),
    });
    const { publicEndpoint: endpoint, bucket, accessKey, secretKey } = options;
    this.#links =
      endpoint === undefined
        ? null
        : { endpoint, bucket, accessKey, secretKey, region: this.#region };
  }

  async put(key: string, body: ObjectBody, options: PutOptions): Promise<PutResult> {
    try {
      await this.#send({
        method: 'PUT',
        key,
        headers: {
          'content-length': String(options.sizeBytes),
          'content-type': options.mediaType,
          'if-none-match': '*',
          'x-amz-checksum-sha256': checksumHeader(options.sha256),
        },
        body: () =>
          'bytes' in body ? Buffer.from(body.bytes) : Readable.from(createReadStream(body.path)),
        bodySha256: options.sha256,
        statuses: [200],
      });
      return { created: true };
    } catch (error) {
      if (!isPreconditionFailed(error)) throw toS3Error(error, key);
      await this.#requireSame(key, options);
      return { created: false };
    }
  }

  async copy(from: string, to: string, options: PutOptions): Promise<PutResult> {
    if ((await this.head(to)) !== null) {
      await this.#requireSame(to, options);
      return { created: false };
    }
    await this.#requireSame(from, options);
    try {
      // If-None-Match on a copy is newer than on a put: where a server does not know it, two
      // copies at once write the same bytes, because the source was compared before.
      const answer = await this.#send({
        method: 'PUT',
        key: to,
        headers: {
          'if-none-match': '*',
          'x-amz-copy-source': `/${this.#bucket}/${encodeKey(from)}`,
          'x-amz-checksum-algorithm': 'SHA256',
        },
        statuses: [200],
      });
      // A copy may fail after its 200: then the body holds an error instead of a result.
      const text = await readText(answer);
      if (!text.includes('<CopyObjectResult')) throw new Error('the copy failed after its status');
      await this.#requireSame(to, options);
      return { created: true };
    } catch (error) {
      if (!isPreconditionFailed(error)) throw toS3Error(error, from);
      await this.#requireSame(to, options);
      return { created: false };
    }
  }

  async get(key: string, signal?: AbortSignal): Promise<StoredObject> {
    try {
      const answer = await this.#send({ method: 'GET', key, statuses: [200], signal });
      signal?.addEventListener('abort', () => answer.destroy(), { once: true });
      return { ...headOf(answer), stream: toStream(answer) };
    } catch (error) {
      throw toS3Error(error, key);
    }
  }

  async head(key: string): Promise<ObjectHead | null> {
    const answer = await this.#head(key);
    return answer && headOf(answer);
  }

  async remove(key: string): Promise<void> {
    try {
      const answer = await this.#send({ method: 'DELETE', key, statuses: [200, 204, 404] });
      answer.resume();
    } catch (error) {
      throw toS3Error(error, key);
    }
  }

  async *list(prefix: string): AsyncGenerator<string> {
    try {
      for await (const item of this.#client.listObjectsV2(this.#bucket, prefix, true)) {
        if (typeof item.name === 'string') yield item.name;
      }
    } catch (error) {
      throw toS3Error(error, prefix);
    }
  }

  async presignGet(key: string, options: PresignGetOptions): Promise<string | null> {
    return this.#links && (await signGet(key, options, this.#links));
  }

  async grantPut(key: string, options: GrantPutOptions): Promise<PutGrant | null> {
    return this.#links && (await signPut(key, options, this.#links));
  }

  async init(): Promise<void> {
    try {
      const found = await this.#send({ method: 'HEAD', statuses: [200, 404] });
      if (found.statusCode === 200) return;
      await this.#client.makeBucket(this.#bucket, this.#region);
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      if (code === 'BucketAlreadyOwnedByYou' || code === 'BucketAlreadyExists') return;
      throw toS3Error(error, this.#bucket);
    }
  }

  async check(signal?: AbortSignal): Promise<void> {
    let status: number | undefined;
    try {
      status = (await this.#send({ method: 'HEAD', statuses: [200, 404], signal })).statusCode;
    } catch (error) {
      throw toS3Error(error, this.#bucket);
    }
    if (status !== 200) {
      throw new AppError('OBJECT_STORE_UNAVAILABLE', `There is no bucket ${this.#bucket}.`, {
        hint: 'Run `demeter init`.',
      });
    }
  }

  /** Throws CONFLICT unless the object has these bytes by its stored checksum, else by reading. */
  async #requireSame(key: string, options: PutOptions): Promise<void> {
    const answer = await this.#head(key);
    if (answer === null) {
      throw new AppError('NOT_FOUND', 'The store holds no such object.', { field: key });
    }
    const stored = answer.headers['x-amz-checksum-sha256'];
    if (stored === checksumHeader(options.sha256)) return;
    const same = typeof stored !== 'string' && (await this.#hash(key)) === options.sha256;
    if (same) return;
    throw new AppError('CONFLICT', 'The store holds other bytes under this key.', { field: key });
  }

  async #hash(key: string): Promise<string> {
    const hash = createHash('sha256');
    for await (const chunk of (await this.get(key)).stream) hash.update(chunk);
    return hash.digest('hex');
  }

  async #head(key: string): Promise<IncomingMessage | null> {
    try {
      const answer = await this.#send({
        method: 'HEAD',
        key,
        headers: { 'x-amz-checksum-mode': 'ENABLED' },
        statuses: [200, 404],
      });
      return answer.statusCode === 404 ? null : answer;
    } catch (error) {
      throw toS3Error(error, key);
    }
  }

  async #send(call: Call): Promise<IncomingMessage> {
    const signed = this.#client.enableSHA256 ? (call.bodySha256 ?? EMPTY_SHA256) : '';
    return await retry(
      async () => {
        const options = {
          method: call.method,
          bucketName: this.#bucket,
          objectName: call.key,
          headers: { ...call.headers },
        };
        const body = call.body?.() ?? '';
        return await this.#client.makeRequestStreamAsync(
          options,
          body,
          signed,
          call.statuses,
          this.#region,
        );
      },
      {
        clock: systemClock,
        attemptsMax: this.#attemptsMax,
        baseMs: 200,
        maxMs: 2_000,
        retryable: isTransient,
        signal: call.signal,
      },
    );
  }
}

function headOf(answer: IncomingMessage): ObjectHead {
  return {
    sizeBytes: Number(answer.headers['content-length']),
    mediaType: answer.headers['content-type'],
  };
}

function toStream(answer: IncomingMessage): ReadableStream<Uint8Array> {
  return Readable.toWeb(answer) as unknown as ReadableStream<Uint8Array>;
}

async function readText(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer) text += Buffer.from(chunk).toString('utf8');
  return text;
}

function encodeKey(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/');
}
