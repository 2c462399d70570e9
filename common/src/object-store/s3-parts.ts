import { createHash } from 'node:crypto';
import { XMLParser } from 'fast-xml-parser';
import { errnoOf } from '../durable-files.ts';
import { AppError } from '../errors.ts';
import type {
  GrantPartOptions,
  PartUploads,
  PendingUpload,
  PutGrant,
  PutResult,
  StoredPart,
} from './object-store.ts';
import { readText, type S3Call, type S3Requests } from './s3-requests.ts';
import { checksumHeader, type SigningOptions, signPart } from './s3-signing.ts';
import { isPreconditionFailed, toS3Error } from './s3-transport.ts';

const PART_CODES = new Set(['NoSuchUpload', 'InvalidPart', 'InvalidPartOrder']);

/** Lists of one element come as the element itself; numbers and dates stay text. */
const xml = new XMLParser({
  parseTagValue: false,
  isArray: (name) => name === 'Part' || name === 'Upload',
});

/** Parts of objects of one S3 bucket, their SHA-256 checked by the server one by one. */
export class S3PartUploads implements PartUploads {
  constructor(
    private readonly requests: S3Requests,
    private readonly links: SigningOptions,
  ) {}

  async begin(key: string, mediaType: string): Promise<string> {
    const headers = { 'content-type': mediaType, 'x-amz-checksum-algorithm': 'SHA256' };
    const text = await this.#read({ method: 'POST', key, query: 'uploads', headers });
    const { UploadId: id } = partOf(text, 'InitiateMultipartUploadResult');
    if (typeof id === 'string' && id !== '') return id;
    throw strange('began no upload');
  }

  async grant(key: string, uploadId: string, part: GrantPartOptions): Promise<PutGrant> {
    return await signPart(key, uploadId, part, this.links);
  }

  async list(key: string, uploadId: string): Promise<StoredPart[] | null> {
    const parts: StoredPart[] = [];
    for (let marker = '0'; ; ) {
      const query = `part-number-marker=${marker}&uploadId=${encodeURIComponent(uploadId)}`;
      let text: string;
      try {
        text = await this.#read({ method: 'GET', key, query });
      } catch (error) {
        if (error instanceof AppError && error.code === 'NOT_FOUND') return null;
        throw error;
      }
      const page = partOf(text, 'ListPartsResult');
      for (const part of (page.Part ?? []) as Record<string, string>[]) parts.push(toPart(part));
      const next = String(page.NextPartNumberMarker ?? '');
      if (page.IsTruncated !== 'true' || next === marker || next === '') return parts;
      marker = next;
    }
  }

  async complete(key: string, uploadId: string, parts: readonly StoredPart[]): Promise<PutResult> {
    const body = Buffer.from(
      `<CompleteMultipartUpload>${parts.map(partXml).join('')}</CompleteMultipartUpload>`,
    );
    try {
      const text = await this.#read({
        method: 'POST',
        key,
        query: `uploadId=${encodeURIComponent(uploadId)}`,
        headers: {
          'content-length': String(body.length),
          'content-type': 'application/xml',
          'if-none-match': '*',
        },
        body: () => body,
        bodySha256: createHash('sha256').update(body).digest('hex'),
      });
      // It may fail after its 200: then the body holds an error instead of a result.
      if (!text.includes('<CompleteMultipartUploadResult')) throw strange('joined no parts');
      return { created: true };
    } catch (error) {
      const cause = error instanceof AppError ? error.cause : error;
      if (!isPreconditionFailed(cause)) throw error;
      return { created: false };
    }
  }

  async abort(key: string, uploadId: string): Promise<void> {
    const query = `uploadId=${encodeURIComponent(uploadId)}`;
    await this.#read({ method: 'DELETE', key, query, statuses: [200, 204, 404] });
  }

  async *pending(prefix: string): AsyncGenerator<PendingUpload> {
    let from = '';
    for (;;) {
      const query = `prefix=${encodeURIComponent(prefix)}${from}&uploads`;
      const page = partOf(await this.#read({ method: 'GET', query }), 'ListMultipartUploadsResult');
      for (const upload of (page.Upload ?? []) as Record<string, string>[]) {
        const { Key: key = '', UploadId: uploadId = '', Initiated: at = '' } = upload;
        yield { key, uploadId, begunAt: new Date(at) };
      }
      if (page.IsTruncated !== 'true') return;
      const key = encodeURIComponent(String(page.NextKeyMarker ?? ''));
      from = `&key-marker=${key}&upload-id-marker=${encodeURIComponent(String(page.NextUploadIdMarker ?? ''))}`;
    }
  }

  async #read(call: Omit<S3Call, 'statuses'> & { readonly statuses?: number[] }): Promise<string> {
    try {
      return await readText(await this.requests.send({ statuses: [200], ...call }));
    } catch (error) {
      if (PART_CODES.has(errnoOf(error) ?? '')) {
        throw new AppError('NOT_FOUND', 'The store knows no such upload, or not all its parts.', {
          cause: error,
        });
      }
      throw toS3Error(error, call.key ?? this.requests.bucket);
    }
  }
}

function partOf(text: string, name: string): Record<string, unknown> {
  const found = (xml.parse(text) as Record<string, unknown>)[name];
  if (typeof found === 'object' && found !== null) return found as Record<string, unknown>;
  if (found === '') return {};
  throw strange(`answered no ${name}`);
}

function toPart(part: Record<string, string>): StoredPart {
  const checksum = part.ChecksumSHA256;
  if (!checksum) throw strange('tells no checksum of a part');
  return {
    number: Number(part.PartNumber),
    sizeBytes: Number(part.Size),
    sha256: Buffer.from(checksum, 'base64').toString('hex'),
    etag: part.ETag ?? '',
  };
}

function partXml({ number, sha256, etag }: StoredPart): string {
  const plain = etag.replaceAll('"', '').replaceAll('&quot;', '');
  return (
    `<Part><PartNumber>${number}</PartNumber><ETag>"${plain}"</ETag>` +
    `<ChecksumSHA256>${checksumHeader(sha256)}</ChecksumSHA256></Part>`
  );
}

function strange(what: string): AppError {
  return new AppError('OBJECT_STORE_UNAVAILABLE', `The object store ${what}.`, {
    hint: 'An S3 server with checksums of parts is needed.',
  });
}
