import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Environment, parseConfig, type Values } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import { createOidcVerifier } from './auth/oidc.ts';

export interface CoreConfig {
  readonly values: Values;
  readonly databaseUrl: string;
  /** At least 32 characters; every key of ours is derived from it. */
  readonly secret: string;
  /** Sentences for the log. */
  readonly notes: readonly string[];
}

const SECRET_LENGTH_MIN = 32;

/** The core's settings, checked against each other. Throws UNKNOWN_SETTING, INVALID_SETTING. */
export function readConfig(env: Environment): CoreConfig {
  const { values, notes } = parseConfig(env);
  if (!values.DATABASE_URL) {
    throw invalid('DATABASE_URL', 'DATABASE_URL must name a PostgreSQL with PostGIS.', {
      hint: 'Set it, or let `demeter dev` or `demeter demo` start the embedded database.',
    });
  }
  if (values.S3_ENDPOINT && !(values.AWS_ACCESS_KEY_ID && values.AWS_SECRET_ACCESS_KEY)) {
    throw invalid('AWS_ACCESS_KEY_ID', 'S3_ENDPOINT needs its key and secret.', {
      hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    });
  }
  // Made again where it is used; here so that a wrong setting is told before anything is opened.
  createOidcVerifier(values);
  const { secret, note } = readSecret(values);
  return {
    values,
    databaseUrl: values.DATABASE_URL,
    secret,
    notes: note === undefined ? notes : [...notes, note],
  };
}

function readSecret(values: Values): { secret: string; note?: string } {
  const secret = values.JWT_SECRET_KEY;
  if (secret !== undefined) {
    if (secret.length >= SECRET_LENGTH_MIN) return { secret };
    throw invalid(
      'JWT_SECRET_KEY',
      `JWT_SECRET_KEY must have ${SECRET_LENGTH_MIN} characters or more.`,
    );
  }
  if (values.APP_ENV !== 'development') {
    throw invalid('JWT_SECRET_KEY', `JWT_SECRET_KEY must be set in ${values.APP_ENV}.`, {
      hint: 'Make one with `openssl rand -base64 48` and keep it: it opens the signing keys.',
    });
  }
  const file = path.join(path.dirname(path.resolve(values.DEMETER_STORE_DIR)), 'core-secret');
  return { secret: readOrMakeSecret(file), note: `JWT_SECRET_KEY is not set; using ${file}.` };
}

/** A secret of this machine for development, the same for all processes on this data folder. */
function readOrMakeSecret(file: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  try {
    writeFileSync(file, randomBytes(48).toString('base64url'), { flag: 'wx', mode: 0o600 });
    chmodSync(file, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}

function invalid(field: string, message: string, options: { hint?: string } = {}): AppError {
  return new AppError('INVALID_SETTING', message, { field, ...options });
}
