import { readFileSync } from 'node:fs';
import { MissedShot } from './missed.ts';

/** Where a secret is; it is read for each shot, so that it may be changed while the box runs. */
export interface SecretPlace {
  readonly file?: string;
  readonly environment?: string;
}

const BYTES_MAX = 4096;

/** Throws MissedShot: where it is looked for, never what was found. */
export function readSecret({ file, environment }: SecretPlace): string {
  if (environment !== undefined) {
    const value = process.env[environment];
    if (value) return value;
    throw new MissedShot(`the variable ${environment} is not set`, {
      hint: 'Give the edge that variable, with the password in it.',
    });
  }
  try {
    const text = readFileSync(file ?? '', 'utf8').replace(/\r?\n$/, '');
    if (text !== '' && text.length <= BYTES_MAX) return text;
  } catch {
    // Said below, by its name.
  }
  throw new MissedShot(`no secret can be read from ${file}`, {
    hint: "Write the password there, as the edge's user, mode 600.",
  });
}
