import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { AppError } from '../errors.ts';
import type {
  GrantPutOptions,
  ObjectBody,
  ObjectHead,
  ObjectStore,
  PresignGetOptions,
  PutGrant,
  PutOptions,
  PutResult,
  StoredEntry,
  StoredObject,
} from './object-store.ts';
import { S3PartUploads } from './s3-parts.ts';
import { encodeKey, readText, type S3Options, S3Requests } from './s3-requests.ts';
import { checksumHeader, type SigningOptions, signGet, signPut } from './s3-signing.ts';
import { isPreconditionFailed, toS3Error } from './s3-transport.ts';

/** One bucket of an S3 server. */
export class S3ObjectStore implements ObjectStore {
  readonly kind = 's3';
  readonly parts: S3PartUploads | null;
  readonly #requests: S3Requests;
  readonly #links: SigningOptions | null;

  constructor(options: S3Options) {
    this.#requests = new S3Requests(options);
    const { publicEndpoint: endpoint, bucket, accessKey, secretKey } = options;
    const { region } = this.#requests;
    this.#links =
      endpoint === undefined ? null : { endpoint, bucket, accessKey, secretKey, region };
    this.parts = this.#links && new S3PartUploads(this.#requests, this.#links);
  }

  async put(key: string, body: ObjectBody, options: PutOptions): Promise<PutResult> {
    try {
      await this.#requests.send({
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
      const answer = await this.#requests.send({
        method: 'PUT',
        key: to,
        headers: {
          'if-none-match': '*',
          'x-amz-copy-source': `/${this.#requests.bucket}/${encodeKey(from)}`,
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
      const { headers, stream } = await this.#requests.read(key, signal);
      return { ...headOf({ headers: Object.fromEntries(headers) }), stream };
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
      const answer = await this.#requests.send({
        method: 'DELETE',
        key,
        statuses: [200, 204, 404],
      });
      answer.resume();
    } catch (error) {
      throw toS3Error(error, key);
    }
  }

  async *list(prefix: string): AsyncGenerator<string> {
    for await (const { key } of this.entries(prefix)) yield key;
  }

  async *entries(prefix: string): AsyncGenerator<StoredEntry> {
    try {
      for await (const { name: key, lastModified: storedAt } of this.#requests.list(prefix)) {
        if (key !== undefined && storedAt) yield { key, storedAt };
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
      const found = await this.#requests.send({ method: 'HEAD', statuses: [200, 404] });
      if (found.statusCode === 200) return;
      await this.#requests.makeBucket();
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      if (code === 'BucketAlreadyOwnedByYou' || code === 'BucketAlreadyExists') return;
      throw toS3Error(error, this.#requests.bucket);
    }
  }

  async check(signal?: AbortSignal): Promise<void> {
    let status: number | undefined;
    try {
      status = (await this.#requests.send({ method: 'HEAD', statuses: [200, 404], signal }))
        .statusCode;
    } catch (error) {
      throw toS3Error(error, this.#requests.bucket);
    }
    if (status !== 200) {
      throw new AppError(
        'OBJECT_STORE_UNAVAILABLE',
        `There is no bucket ${this.#requests.bucket}.`,
        {
          hint: 'Run `demeter init`.',
        },
      );
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
      const answer = await this.#requests.send({
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
}

function headOf(answer: Pick<IncomingMessage, 'headers'>): ObjectHead {
  return {
    sizeBytes: Number(answer.headers['content-length']),
    mediaType: answer.headers['content-type'],
  };
}
