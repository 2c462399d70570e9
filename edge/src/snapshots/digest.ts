import { createHash } from 'node:crypto';

/**
 * HTTP authentication as cameras ask for it: Basic, and Digest with MD5 or SHA-256 and `auth`
 * (RFC 7616, whose examples are the test). Cameras that know only MD5 are many.
 */

export interface Login {
  readonly user: string;
  readonly password: string;
}

interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly uri: string;
  /** Hex of random bytes. */
  readonly cnonce: string;
}

const HASHES = { MD5: 'md5', 'SHA-256': 'sha256' } as const;

/** The Authorization header for a challenge; null: none that is known. */
export function answerChallenge(challenge: string, login: Login, asked: Asked): string | null {
  const offers = parseChallenges(challenge);
  const digests = offers.filter(({ scheme }) => scheme === 'digest');
  const strongest = [...digests].sort((a, b) => rank(b.fields) - rank(a.fields))[0];
  if (strongest && rank(strongest.fields) >= 0) return digest(strongest.fields, login, asked);
  if (!offers.some(({ scheme }) => scheme === 'basic')) return null;
  return `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
}

type Fields = ReadonlyMap<string, string>;

function algorithmOf(fields: Fields): string {
  return (fields.get('algorithm') ?? 'MD5').toUpperCase();
}

function rank(fields: Fields): number {
  return Object.keys(HASHES).indexOf(algorithmOf(fields));
}

function digest(fields: Fields, { user, password }: Login, asked: Asked): string {
  const { method, uri, cnonce } = asked;
  const algorithm = algorithmOf(fields) as keyof typeof HASHES;
  const hash = (text: string) => createHash(HASHES[algorithm]).update(text).digest('hex');
  const realm = fields.get('realm') ?? '';
  const nonce = fields.get('nonce') ?? '';
  const hasQop = (fields.get('qop') ?? '').split(',').some((one) => one.trim() === 'auth');
  const [a1, a2] = [hash(`${user}:${realm}:${password}`), hash(`${method}:${uri}`)];
  // Each nonce is used once.
  const count = '00000001';
  const response = hasQop
    ? hash(`${a1}:${nonce}:${count}:${cnonce}:auth:${a2}`)
    : hash(`${a1}:${nonce}:${a2}`);
  const opaque = fields.get('opaque');
  const quoted = { username: user, realm, nonce, uri, response, ...(opaque ? { opaque } : {}) };
  const parts = Object.entries(quoted).map(([name, value]) => `${name}="${value}"`);
  if (fields.has('algorithm')) parts.push(`algorithm=${fields.get('algorithm')}`);
  if (hasQop) parts.push('qop=auth', `nc=${count}`, `cnonce="${cnonce}"`);
  return `Digest ${parts.join(', ')}`;
}

/** Several challenges may stand in one header, separated by commas as their fields are. */
function parseChallenges(header: string): { readonly scheme: string; readonly fields: Fields }[] {
  const found: { scheme: string; fields: Map<string, string> }[] = [];
  const tokens = header.matchAll(/([A-Za-z0-9_-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+)))?/g);
  for (const [, name = '', quoted, plain] of tokens) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? plain;
    if (value === undefined) found.push({ scheme: name.toLowerCase(), fields: new Map() });
    else found.at(-1)?.fields.set(name.toLowerCase(), value);
  }
  return found;
}
