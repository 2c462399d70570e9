import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** RFC 8785 canonical JSON. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('value has no JSON form');
  return text;
}

/** SHA-256 of the canonical JSON, 32 bytes. */
export function canonicalDigest(value: unknown): Buffer {
  return createHash('sha256').update(canonicalJson(value)).digest();
}
