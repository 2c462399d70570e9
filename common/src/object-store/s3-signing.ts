import { AwsV4Signer } from 'aws4fetch';
import type {
  GrantPartOptions,
  GrantPutOptions,
  PresignGetOptions,
  PutGrant,
} from './object-store.ts';

/**
 * Links that somebody without keys may use. The minio client's own presigned URLs sign only the
 * host, so that the same URL overwrote the object with other bytes; these sign every header.
 */
export interface SigningOptions {
  /** The server as the link's user reaches it. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
}

/** Keys that are derived from a secret for one day: most of what a signature costs. */
const derivedKeys = new Map<string, ArrayBuffer>();

/** Of AwsV4Signer: what is the same for all that this process signs. */
export const SIGNER = { service: 's3', cache: derivedKeys } as const;

/** Base64 of the digest, as `x-amz-checksum-sha256` wants it, from hex. */
export function checksumHeader(sha256: string): string {
  return Buffer.from(sha256, 'hex').toString('base64');
}

/** A PUT that only these bytes satisfy, and only where nothing is stored yet. */
export async function signPut(
  key: string,
  grant: GrantPutOptions,
  options: SigningOptions,
): Promise<PutGrant> {
  const now = new Date();
  const headers = {
    'content-type': grant.mediaType,
    'content-length': String(grant.sizeBytes),
    'if-none-match': '*',
    'x-amz-checksum-sha256': checksumHeader(grant.sha256),
  };
  const url = await sign('PUT', urlOf(key, options), now, grant.expiresInSeconds, headers, options);
  const expiresAt = new Date(now.getTime() + grant.expiresInSeconds * 1000).toISOString();
  return { method: 'PUT', url, headers, expiresAt };
}

/** A PUT of one part that only its bytes satisfy. A part sent twice is the same part. */
export async function signPart(
  key: string,
  uploadId: string,
  part: GrantPartOptions,
  options: SigningOptions,
): Promise<PutGrant> {
  const now = new Date();
  const headers = {
    'content-length': String(part.sizeBytes),
    'x-amz-checksum-sha256': checksumHeader(part.sha256),
  };
  const url = urlOf(key, options);
  url.searchParams.set('partNumber', String(part.number));
  url.searchParams.set('uploadId', uploadId);
  const signed = await sign('PUT', url, now, part.expiresInSeconds, headers, options);
  const expiresAt = new Date(now.getTime() + part.expiresInSeconds * 1000).toISOString();
  return { method: 'PUT', url: signed, headers, expiresAt };
}

/** A link that reads one object until it expires. */
export async function signGet(
  key: string,
  link: PresignGetOptions,
  options: SigningOptions,
): Promise<string> {
  const url = urlOf(key, options);
  if (link.fileName !== undefined) {
    const name = encodeURIComponent(link.fileName).replace(/['()*]/g, percent);
    url.searchParams.set('response-content-disposition', `inline; filename*=UTF-8''${name}`);
  }
  return await sign('GET', url, new Date(), link.expiresInSeconds, {}, options);
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function urlOf(key: string, options: SigningOptions): URL {
  return new URL(`/${options.bucket}/${key}`, options.endpoint);
}

async function sign(
  method: string,
  url: URL,
  at: Date,
  expiresInSeconds: number,
  headers: Record<string, string>,
  options: SigningOptions,
): Promise<string> {
  url.searchParams.set('X-Amz-Expires', String(expiresInSeconds));
  const signer = new AwsV4Signer({
    method,
    url: url.href,
    headers,
    accessKeyId: options.accessKey,
    secretAccessKey: options.secretKey,
    region: options.region,
    ...SIGNER,
    datetime: at.toISOString().replace(/[:-]|\.\d{3}/g, ''),
    signQuery: true,
    // Content-Length and Content-Type too, which signers leave out by default.
    allHeaders: true,
  });
  return (await signer.sign()).url.href;
}
