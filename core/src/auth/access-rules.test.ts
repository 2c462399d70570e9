import { describe, expect, test } from 'bun:test';
import { isTrustedLocalRequest } from './access-rules.ts';

const headers = (more: Record<string, string> = {}) =>
  new Headers({ host: '127.0.0.1:8000', ...more });

describe('a request without token, in development', () => {
  test('is trusted from this machine', () => {
    expect(isTrustedLocalRequest(headers(), '127.0.0.1')).toBe(true);
    expect(isTrustedLocalRequest(headers({ host: 'localhost:8000' }), '::1')).toBe(true);
    expect(isTrustedLocalRequest(headers({ host: '[::1]:8000' }), '::ffff:127.0.0.1')).toBe(true);
    const page = { origin: 'http://127.0.0.1:8000', 'sec-fetch-site': 'same-origin' };
    expect(isTrustedLocalRequest(headers(page), '127.0.0.1')).toBe(true);
  });

  test.each([
    ['from another machine', {}, '192.168.1.7'],
    ['from who knows where', {}, undefined],
    ['through a proxy', { 'x-forwarded-for': '10.0.0.1' }, '127.0.0.1'],
    ['through another proxy', { forwarded: 'for=10.0.0.1' }, '127.0.0.1'],
    ['from a page of another site', { origin: 'https://evil.test' }, '127.0.0.1'],
    ['from a page without origin', { origin: 'null' }, '127.0.0.1'],
    ['from another port’s page', { origin: 'http://127.0.0.1:3000' }, '127.0.0.1'],
    ['as a link of another site', { 'sec-fetch-site': 'cross-site' }, '127.0.0.1'],
    ['by a name that points here (DNS rebinding)', { host: 'evil.test:8000' }, '127.0.0.1'],
  ])('is not trusted %s', (_, more: Record<string, string>, address) => {
    expect(isTrustedLocalRequest(headers(more), address)).toBe(false);
  });
});
