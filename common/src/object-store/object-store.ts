/**
 * Where bytes live: one bucket of an S3 server, or a folder. Keys are never overwritten: `put`
 * with the same key and the same hash succeeds as already there; another hash is a CONFLICT.
 */
export interface ObjectStore {
  /** "s3" or "directory", for health and logs. */
  readonly kind: string;
  /**
   * Stores bytes so that they survive a power cut (as far as the store promises it), with the
   * SHA-256 checked by the store. `body` is a file's path or the bytes.
   * Throws CHECKSUM_MISMATCH, CONFLICT, STORAGE_FULL, OBJECT_STORE_UNAVAILABLE.
   */
  put(key: string, body: ObjectBody, options: PutOptions): Promise<PutResult>;
  /** Streams an object. Throws NOT_FOUND, OBJECT_STORE_UNAVAILABLE. */
  get(key: string, signal?: AbortSignal): Promise<StoredObject>;
  /** Size, or null where there is none. Throws OBJECT_STORE_UNAVAILABLE. */
  head(key: string): Promise<ObjectHead | null>;
  /** Succeeds also where there was nothing. */
  remove(key: string): Promise<void>;
  /** Keys in order, from a prefix; a page at a time underneath. */
  list(prefix: string): AsyncIterable<string>;
  /** The same with when each was stored, by the store's clock. */
  entries(prefix: string): AsyncIterable<StoredEntry>;
  /** Copies inside the store without the bytes passing here. Never overwrites another hash. */
  copy(from: string, to: string, options: PutOptions): Promise<PutResult>;
  /** Answers a link that reads the object until it expires, or null: the store has no address. */
  presignGet(key: string, options: PresignGetOptions): Promise<string | null>;
  /**
   * Answers a signed PUT that only these bytes satisfy (checksum, length, If-None-Match), or
   * null: the store has no address, so the core takes the bytes itself.
   */
  grantPut(key: string, options: GrantPutOptions): Promise<PutGrant | null>;
  /** Uploads in parts that others send; null: the store has no address to give grants for. */
  readonly parts: PartUploads | null;
  /** Creates the bucket or folder if missing. */
  init(): Promise<void>;
  /** Resolves when the store answers; throws OBJECT_STORE_UNAVAILABLE with the reason. */
  check(signal?: AbortSignal): Promise<void>;
}

/**
 * Objects that arrive in parts, each by a grant of its own, so that a cut link costs one part. The
 * store checks every part; whoever completes the upload checks the whole.
 */
export interface PartUploads {
  /** Begins an upload and answers its id. */
  begin(key: string, mediaType: string): Promise<string>;
  /** A signed PUT that only this part satisfies (checksum, length). */
  grant(key: string, uploadId: string, part: GrantPartOptions): Promise<PutGrant>;
  /** What has arrived, by number; null: the store does not know this upload, or no longer. */
  list(key: string, uploadId: string): Promise<readonly StoredPart[] | null>;
  /**
   * Makes the object of these parts. `created` false: an object stood there already, and stands
   * unchanged. Throws NOT_FOUND (no such upload, or a part of it is missing).
   */
  complete(key: string, uploadId: string, parts: readonly StoredPart[]): Promise<PutResult>;
  /** Gives the space of the parts back; succeeds also where there is nothing. */
  abort(key: string, uploadId: string): Promise<void>;
  /** Uploads under a prefix that were neither completed nor aborted, where the store can say. */
  pending(prefix: string): AsyncIterable<PendingUpload>;
}

export interface GrantPartOptions {
  /** From 1. */
  readonly number: number;
  /** Hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly expiresInSeconds: number;
}

export interface StoredPart {
  readonly number: number;
  readonly sizeBytes: number;
  /** Hex, as the store checked it. */
  readonly sha256: string;
  readonly etag: string;
}

export interface PendingUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly begunAt: Date;
}

export type ObjectBody = { readonly path: string } | { readonly bytes: Uint8Array };

export interface PutOptions {
  /** Hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly mediaType: string;
}

export interface PutResult {
  /** False: the same bytes were there already. */
  readonly created: boolean;
}

export interface ObjectHead {
  readonly sizeBytes: number;
  readonly mediaType: string | undefined;
}

export interface StoredEntry {
  readonly key: string;
  readonly storedAt: Date;
}

export interface StoredObject extends ObjectHead {
  readonly stream: ReadableStream<Uint8Array>;
}

export interface PresignGetOptions {
  readonly expiresInSeconds: number;
  /** File name offered to a browser. */
  readonly fileName?: string;
}

export interface GrantPutOptions extends PutOptions {
  readonly expiresInSeconds: number;
}

export interface PutGrant {
  readonly method: 'PUT';
  readonly url: string;
  /** All of these are signed and must be sent as they are. */
  readonly headers: Readonly<Record<string, string>>;
  /** RFC 3339 UTC. */
  readonly expiresAt: string;
}
