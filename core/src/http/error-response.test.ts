import { describe, expect, test } from 'bun:test';
import { AppError } from '@demeter/common/errors';
import { errorOf, problemResponse } from './error-response.ts';

const ofServer = (code: string, constraint?: string) =>
  Object.assign(new Error('secret internals'), { code, constraint, severity: 'ERROR' });
const ofSocket = (code: string) =>
  Object.assign(new Error('secret internals'), { code, syscall: 'connect' });

describe('what is told of an error', () => {
  test.each([
    ['a taken code', ofServer('23505', 'warehouses_code'), 'ALREADY_EXISTS'],
    ['a missing reference', ofServer('23503', 'fk'), 'INVALID_INPUT'],
    ['a batch below zero', ofServer('23514', 'stock_batches_not_below_zero'), 'STOCK_BELOW_ZERO'],
    ['another check', ofServer('23514', 'x'), 'INVALID_INPUT'],
    ['a number out of range', ofServer('22003'), 'INVALID_INPUT'],
    ['a number that is none', ofServer('22P02'), 'INVALID_INPUT'],
    ['a byte 0 in text', ofServer('22021'), 'INVALID_INPUT'],
    ['a byte 0 in JSON', ofServer('22P05'), 'INVALID_INPUT'],
    ['a time that the calendar lacks', ofServer('22008'), 'INVALID_INPUT'],
    ['a server that stops', ofServer('57P01'), 'DATABASE_UNAVAILABLE'],
    ['a deadlock', ofServer('40P01'), 'DATABASE_UNAVAILABLE'],
    ['a read-only server', ofServer('25006'), 'DATABASE_UNAVAILABLE'],
    ['too many connections', ofServer('53300'), 'DATABASE_UNAVAILABLE'],
    ['a refused connection', ofSocket('ECONNREFUSED'), 'DATABASE_UNAVAILABLE'],
    ['a cut connection', new Error('Connection terminated unexpectedly'), 'DATABASE_UNAVAILABLE'],
    ['a missing file', Object.assign(new Error('x'), { code: 'ENOENT' }), 'INTERNAL'],
    ['a fault of ours', new TypeError('secret internals'), 'INTERNAL'],
    ['no error at all', 'text', 'INTERNAL'],
  ])('%s', async (_, thrown, code) => {
    const response = problemResponse(errorOf(thrown), 'c-1');
    const body = (await response.json()) as Record<string, unknown>;
    expect(body).toMatchObject({ code, status: response.status, correlation_id: 'c-1' });
    expect(JSON.stringify(body)).not.toContain('secret internals');
  });

  test('503 says when to come again', () => {
    const response = problemResponse(new AppError('DATABASE_UNAVAILABLE', 'x'), 'c');
    expect(response.headers.get('retry-after')).toBe('5');
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });
});
