import type { Destination } from './failures.ts';

/**
 * What is wrong between this box and the centre, from what was seen, in a word for programs and a
 * sentence for whoever stands before the box. The one place where answers and errors are told apart.
 */

const SENTENCES = {
  dns_failed: (at) => `The name of ${at} is not found: the link has no name server, or it is down.`,
  refused: (at) => `At the address of ${at} nobody listens; it cannot be reached.`,
  unreachable: (at) => `There is no way to ${at}: it cannot be reached.`,
  timeout: (at) => `${cap(at)} cannot be reached: nothing has come back for too long.`,
  link_cut: (at) => `The connection to ${at} was cut while it was in use.`,
  tls_failed: (at) =>
    `No protected connection to ${at} comes about; something in between breaks it.`,
  certificate_strange: (at) =>
    `Another server than ${at} answers at its address: its certificate is not the right one.`,
  certificate_dated: (at) =>
    `The certificate of ${at} is not valid today: it has run out, or this box's clock is wrong.`,
  captive_portal: (at) =>
    `A login page answers instead of ${at}: somebody must accept the terms of this network once.`,
  wrong_answer: (at) => `Something other than ${at} answered: that is no answer of its kind.`,
  clock_skewed: (at) => `${cap(at)} refuses this box's time: set the clock, or let it reach NTP.`,
  store_clock_skewed: () =>
    "The centre's store refuses the centre's grants by their time: their clocks differ.",
  not_enrolled: () =>
    'This box is not enrolled at the centre: ask for a code there, and enrol it with that.',
  credential_expired: () =>
    "This box's credential has run out; the centre refuses it. Give it a new one.",
  credential_revoked: () =>
    "The centre has revoked this box's credential. Enrol it again if it is still yours.",
  credential_refused: () => "The centre refuses this box's credential.",
  slow_down: (at) => `${cap(at)} asks for fewer requests; this box sends more slowly.`,
  unavailable: (at) => `${cap(at)} is there but cannot work now.`,
  store_full: () => "The centre's store has no space left: somebody must make room there.",
} as const satisfies Record<string, (at: string) => string>;

export type SymptomCode = keyof typeof SENTENCES;

export const SYMPTOM_CODES = Object.keys(SENTENCES) as SymptomCode[];

export function sentenceOf(code: SymptomCode, destination: Destination): string {
  return SENTENCES[code](destination === 'core' ? 'the centre' : "the centre's store");
}

function cap(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const ERRORS: readonly (readonly [RegExp, SymptomCode])[] = [
  [/^(ENOTFOUND|EAI_)/, 'dns_failed'],
  [/^(ECONNREFUSED|ConnectionRefused)$/, 'refused'],
  [/^(ECONNRESET|ConnectionClosed|ECONNABORTED|EPIPE|UND_ERR_SOCKET)$/, 'link_cut'],
  [/^(ETIMEDOUT|TimeoutError)$/, 'timeout'],
  [/^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/, 'certificate_dated'],
  [/ALTNAME|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_|UNKNOWN_CERT/, 'certificate_strange'],
  [/^(EPROTO|ERR_SSL|ERR_TLS)/, 'tls_failed'],
];

/** What an error of a request says, by its code, else its name. */
export function symptomOfError(error: unknown): SymptomCode {
  const { code, name } = error as { code?: unknown; name?: unknown };
  for (const text of [code, name]) {
    const known = typeof text === 'string' && ERRORS.find(([pattern]) => pattern.test(text));
    if (known) return known[1];
  }
  return 'unreachable';
}

/** An answer that is not the one asked for. */
export interface StrangeAnswer {
  readonly destination: Destination;
  readonly status: number;
  /** "" where there is none. */
  readonly contentType: string;
  /** The beginning of the body. */
  readonly text: string;
  /** The core's own code, of a problem document; null: it is none. */
  readonly code: string | null;
}

const CREDENTIAL: Readonly<Record<string, SymptomCode>> = {
  EDGE_REVOKED: 'credential_revoked',
  CLOCK_SKEWED: 'clock_skewed',
};
/** S3's codes stand in XML. */
const STORE: readonly (readonly [RegExp, SymptomCode])[] = [
  [
    /<Code>(RequestTimeTooSkewed|AccessDenied<\/Code>\s*<Message>Request has expired)/,
    'store_clock_skewed',
  ],
  [/<Code>(SlowDown\w*|TooManyRequests|RequestLimitExceeded)</, 'slow_down'],
  [
    /<Code>(XMinioStorageFull|InsufficientStorage|QuotaExceeded|EntityTooLargeForStore)</,
    'store_full',
  ],
];

/** What an answer says of its destination; null: it is about this one request, not about the whole. */
export function symptomOfAnswer(answer: StrangeAnswer): SymptomCode | null {
  const { destination, status, contentType, text, code } = answer;
  const isPage = /html/i.test(contentType) || /^\s*<(!doctype html|html)/i.test(text);
  // Neither core nor store redirects; login pages do, or answer in their stead.
  if (code === null && (status === 511 || (status >= 300 && status < 400) || isPage)) {
    return status >= 500 && status !== 511 ? 'unavailable' : 'captive_portal';
  }
  const stored = destination === 'store' && STORE.find(([pattern]) => pattern.test(text));
  if (stored) return stored[1];
  if (code === 'STORAGE_FULL' || status === 507) return 'store_full';
  if (status === 429) return 'slow_down';
  if (status >= 500 || status === 408 || (destination === 'store' && status === 409)) {
    return 'unavailable';
  }
  if (destination === 'store') return status < 200 ? 'wrong_answer' : null;
  if (code === null) return 'wrong_answer';
  if (status === 401 || status === 403) return CREDENTIAL[code] ?? 'credential_refused';
  return null;
}
