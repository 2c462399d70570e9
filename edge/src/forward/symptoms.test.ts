import { describe, expect, test } from 'bun:test';
import {
  type StrangeAnswer,
  SYMPTOM_CODES,
  type SymptomCode,
  sentenceOf,
  symptomOfAnswer,
  symptomOfError,
} from './symptoms.ts';

const errors: [string, SymptomCode][] = [
  ['ENOTFOUND', 'dns_failed'],
  ['EAI_AGAIN', 'dns_failed'],
  ['ECONNREFUSED', 'refused'],
  ['ECONNRESET', 'link_cut'],
  ['EPIPE', 'link_cut'],
  ['ETIMEDOUT', 'timeout'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['CERT_HAS_EXPIRED', 'certificate_dated'],
  ['CERT_NOT_YET_VALID', 'certificate_dated'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate_strange'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate_strange'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'certificate_strange'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate_strange'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'certificate_strange'],
  ['EPROTO', 'tls_failed'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls_failed'],
];

const page = '<!DOCTYPE html><html><body>Welcome to the hotel</body></html>';
const s3 = (code: string, message = '') =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
type Seen = Partial<Omit<StrangeAnswer, 'destination'>>;
const core = (seen: Seen): StrangeAnswer => ({
  ...{ destination: 'core', status: 200, contentType: 'application/json', text: '', code: null },
  ...seen,
});
const store = (seen: Seen): StrangeAnswer => ({
  ...{ destination: 'store', status: 200, contentType: 'application/xml', text: '', code: null },
  ...seen,
});

const answers: [string, StrangeAnswer, SymptomCode | null][] = [
  ['a page with 200', core({ contentType: 'text/html', text: page }), 'captive_portal'],
  ['a page that calls itself JSON', core({ text: page }), 'captive_portal'],
  ['a redirection', core({ status: 302, contentType: '' }), 'captive_portal'],
  ['511', core({ status: 511, contentType: 'text/html' }), 'captive_portal'],
  ['a page of the store', store({ contentType: 'text/html', text: page }), 'captive_portal'],
  ['a redirection of the store', store({ status: 307 }), 'captive_portal'],
  ["a proxy's page with 502", core({ status: 502, contentType: 'text/html' }), 'unavailable'],
  ['JSON of another shape', core({ text: '{"ok":true}' }), 'wrong_answer'],
  ['nothing at all', core({}), 'wrong_answer'],
  ['404 of another server', core({ status: 404, text: 'not here' }), 'wrong_answer'],
  ['503', core({ status: 503, code: 'DATABASE_UNAVAILABLE' }), 'unavailable'],
  ['429', core({ status: 429, code: 'TOO_MANY_REQUESTS' }), 'slow_down'],
  ['507', core({ status: 507, code: 'STORAGE_FULL' }), 'store_full'],
  [
    'a token that is not taken',
    core({ status: 401, code: 'UNAUTHENTICATED' }),
    'credential_refused',
  ],
  ['a box that was revoked', core({ status: 401, code: 'EDGE_REVOKED' }), 'credential_revoked'],
  ['a time that is not taken', core({ status: 401, code: 'CLOCK_SKEWED' }), 'clock_skewed'],
  ['a photo that is refused', core({ status: 413, code: 'TOO_MANY_PIXELS' }), null],
  ['SlowDown', store({ status: 503, text: s3('SlowDown') }), 'slow_down'],
  ['SlowDownWrite', store({ status: 503, text: s3('SlowDownWrite') }), 'slow_down'],
  ['a full MinIO', store({ status: 507, text: s3('XMinioStorageFull') }), 'store_full'],
  ['a quota', store({ status: 400, text: s3('QuotaExceeded') }), 'store_full'],
  ['a time apart', store({ status: 403, text: s3('RequestTimeTooSkewed') }), 'store_clock_skewed'],
  [
    'a grant too old',
    store({ status: 403, text: s3('AccessDenied', 'Request has expired') }),
    'store_clock_skewed',
  ],
  ['500 of the store', store({ status: 500, text: s3('InternalError') }), 'unavailable'],
  ['spoilt bytes', store({ status: 400, text: s3('BadDigest') }), null],
  ['a grant refused', store({ status: 403, text: s3('AccessDenied') }), null],
];

describe('what is wrong between box and centre', () => {
  test.each(errors)('the error %s', (code, symptom) => {
    expect(symptomOfError(Object.assign(new Error('failed'), { code }))).toBe(symptom);
  });

  test('a limit of our own is a timeout', () => {
    expect(symptomOfError(new DOMException('late', 'TimeoutError'))).toBe('timeout');
  });

  test.each(answers)('%s', (_name, answer, symptom) => {
    expect(symptomOfAnswer(answer)).toBe(symptom);
  });

  test('every symptom can be seen, and has a sentence of its own', () => {
    const seen = new Set([...errors.map(([, code]) => code), ...answers.map(([, , code]) => code)]);
    // Told by the token's own claims, and by the box's own folder, not by an answer.
    seen.add('credential_expired');
    seen.add('not_enrolled');
    expect(SYMPTOM_CODES.filter((code) => !seen.has(code))).toEqual([]);
    const sentences = SYMPTOM_CODES.map((code) => sentenceOf(code, 'core'));
    expect(new Set(sentences).size).toBe(SYMPTOM_CODES.length);
    for (const text of sentences) expect(text).toMatch(/^[A-Z].*\.$/);
  });
});
