import http from 'node:http';
import https from 'node:https';
import { errnoOf } from '../durable-files.ts';
import { AppError } from '../errors.ts';

/** What goes wrong on the way to an S3 server, and what of it is worth another try. */

type Transport = Pick<typeof http, 'request'>;

/** The minio client has no timeouts: a server that accepts and then says nothing would hang it. */
export function transportWithTimeout(secure: boolean, timeoutMs: number): Transport {
  const base: Transport = secure ? (https as Transport) : http;
  const request = (...args: Parameters<Transport['request']>) => {
    const outgoing = base.request(...args);
    outgoing.setTimeout(timeoutMs, () => {
      outgoing.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
    });
    return outgoing;
  };
  return { request } as Transport;
}

const TRANSIENT_ERRNOS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ConnectionRefused',
  'ConnectionClosed',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
]);

/** Codes of S3 errors that mean "later". */
const TRANSIENT_CODES = new Set([
  'SlowDown',
  'SlowDownRead',
  'SlowDownWrite',
  'ServiceUnavailable',
  'InternalError',
  'RequestTimeout',
  'XMinioServerNotInitialized',
]);

/** Codes with which S3 servers refuse bytes that do not fit their checksum. */
const CHECKSUM_CODES = new Set([
  'BadDigest',
  'InvalidDigest',
  'XAmzContentSHA256Mismatch',
  'XAmzContentChecksumMismatch',
  'InvalidChecksum',
  'IncompleteBody',
]);

const FULL_CODES = new Set(['XMinioStorageFull', 'InsufficientStorage', 'QuotaExceeded']);

export function isTransient(error: unknown): boolean {
  const code = errnoOf(error);
  if (code !== undefined && (TRANSIENT_ERRNOS.has(code) || TRANSIENT_CODES.has(code))) return true;
  // With its own retries off, the client reports 408, 429 and 5xx by this sentence alone.
  return error instanceof Error && /Retryable HTTP status/.test(error.message);
}

/** True for the answer to a conditional write where something is stored already. */
export function isPreconditionFailed(error: unknown): boolean {
  const code = errnoOf(error);
  return code === 'PreconditionFailed' || code === 'ConditionalRequestConflict';
}

export function toS3Error(error: unknown, key: string): AppError {
  if (error instanceof AppError) return error;
  const code = errnoOf(error);
  if (code === 'NoSuchKey' || code === 'NotFound') {
    return new AppError('NOT_FOUND', 'The store holds no such object.', { field: key });
  }
  if (code !== undefined && CHECKSUM_CODES.has(code)) {
    return new AppError('CHECKSUM_MISMATCH', 'The bytes are not those announced.', {
      cause: error,
    });
  }
  if (code !== undefined && FULL_CODES.has(code)) {
    return new AppError('STORAGE_FULL', 'The object store is full.', { cause: error });
  }
  const reason = code ?? (error instanceof Error ? error.name : 'unknown');
  return new AppError('OBJECT_STORE_UNAVAILABLE', `The object store failed (${reason}).`, {
    cause: error,
    retryAfterSeconds: 5,
  });
}
