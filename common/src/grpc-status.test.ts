import { expect, test } from 'bun:test';
import { decodeErrorDetails } from '@demeter/proto/error-details';
import { AppError } from './errors.ts';
import { toGrpcStatus } from './grpc-status.ts';

test('an error carries its code, hint, field and when to try again', () => {
  const error = new AppError('TOO_MANY_REQUESTS', 'The queue is full.', {
    field: 'inputs',
    hint: 'Wait.',
    retryAfterSeconds: 2.25,
  });
  const { code, details, errorDetails } = toGrpcStatus(error);
  expect({ code, details }).toEqual({ code: 8, details: 'TOO_MANY_REQUESTS: The queue is full.' });
  expect(decodeErrorDetails(errorDetails)).toEqual({
    code,
    message: details,
    reason: 'TOO_MANY_REQUESTS',
    metadata: { hint: 'Wait.', field: 'inputs' },
    retryAfterMs: 2_250,
  });
});

test('an error that nobody foresaw shows nothing of itself', () => {
  const { code, details, errorDetails } = toGrpcStatus(new Error('secret'));
  expect({ code, details }).toEqual({ code: 13, details: 'INTERNAL: Something went wrong here.' });
  expect(errorDetails.toString('latin1')).not.toContain('secret');
});
