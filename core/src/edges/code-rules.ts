import { createHmac, randomInt } from 'node:crypto';

/** Crockford's base 32: no I, L, O or U, so that a code can be read out and typed. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 50 bits: at twenty tries a minute and a day of life, guessing one of a thousand codes is hopeless. */
const LENGTH = 10;

/** A one-time code as people see it, e.g. `7K3M9-QPTX2`. */
export function makeCode(): string {
  const letters = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]);
  return `${letters.slice(0, LENGTH / 2).join('')}-${letters.slice(LENGTH / 2).join('')}`;
}

/** What was typed as it was meant: any case, with or without dashes and blanks, O for 0, I and L for 1. */
export function normalizeCode(typed: string): string {
  return typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
}

/** HMAC-SHA-256 of a code, however it was typed: all that is stored of it. */
export function hmacOf(key: Uint8Array, typed: string): Buffer {
  return createHmac('sha256', key).update(normalizeCode(typed)).digest();
}
