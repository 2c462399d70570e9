import { uuidv7 } from 'uuidv7';
import { AppError } from './errors.ts';

/** A new UUIDv7: ordered by time, so that indexes grow at one end. */
export function newId(): string {
  return uuidv7();
}

const SHA256_HEX = /^[0-9a-f]{64}$/;

/** True for 64 lower-case hex digits: how a photo is named in JSON and URLs. */
export function isSha256Hex(text: string): boolean {
  return SHA256_HEX.test(text);
}

/** 32 bytes from hex. Throws INVALID_INPUT. */
export function parseSha256(hex: string, field = 'sha256'): Buffer {
  if (!isSha256Hex(hex)) {
    throw new AppError('INVALID_INPUT', 'A photo id is 64 lower-case hex digits.', { field });
  }
  return Buffer.from(hex, 'hex');
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}
