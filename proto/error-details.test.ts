import { describe, expect, test } from 'bun:test';
import { decodeErrorDetails, encodeErrorDetails } from './error-details.ts';

describe('details of a gRPC error', () => {
  const status = {
    code: 7,
    message: 'reprocess:run is missing.',
    reason: 'PERMISSION_DENIED',
    metadata: { hint: 'Ask an administrator.', field: 'modèle' },
  };

  test('come out as they went in', () => {
    expect(decodeErrorDetails(encodeErrorDetails(status))).toEqual(status);
    const later = { ...status, retryAfterMs: 2_250 };
    expect(decodeErrorDetails(encodeErrorDetails(later))).toEqual(later);
    const bare = { code: 13, message: '', reason: 'INTERNAL', metadata: {} };
    expect(decodeErrorDetails(encodeErrorDetails(bare))).toEqual(bare);
  });

  test('are the bytes that other languages write', () => {
    // Made with googleapis-common-protos in Python: Status(code=5, message="no", details=[ErrorInfo]).
    const theirs =
      '080512026e6f1a4b0a28747970652e676f6f676c65617069732e636f6d2f676f6f676c652e7270632e4572726f72496e666f121f0a094e4f545f464f554e44120764656d657465721a090a0468696e74120168';
    const bytes = Buffer.from(theirs, 'hex');
    expect(decodeErrorDetails(bytes)).toEqual({
      code: 5,
      message: 'no',
      reason: 'NOT_FOUND',
      metadata: { hint: 'h' },
    });
  });

  test('of somebody else, or torn, are left alone', () => {
    expect(decodeErrorDetails(encodeErrorDetails(status).subarray(0, 20))).toBeUndefined();
    expect(decodeErrorDetails(new Uint8Array())).toBeUndefined();
  });
});
