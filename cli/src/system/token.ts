import { readFile } from 'node:fs/promises';
import { AppError } from '@demeter/common/errors';

/** RFC 6750's b64token: what may stand behind `Bearer`. */
const TOKEN = /^[\w.~+/-]+=*$/;

/** The token in `text`, which `source` says the origin of. Throws INVALID_SETTING; never shows it. */
export function checkToken(text: string, source: string): string {
  const token = text.trim();
  if (TOKEN.test(token)) return token;
  const what = token === '' ? 'is empty' : 'holds more than a token, or something else';
  throw new AppError('INVALID_SETTING', `${source} ${what}.`, {
    hint: 'It is one line, the token alone, as `demeter token --role ROLE > FILE` writes it.',
  });
}

/** Throws INVALID_SETTING. */
export async function readTokenFile(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new AppError('INVALID_SETTING', `The token's file ${file} cannot be read.`);
  });
  return checkToken(text, `The token's file ${file}`);
}
