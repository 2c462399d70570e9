import { databaseUrl, type Values } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import { Kysely, type Transaction as KyselyTransaction, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { DB } from './schema.gen.ts';

export type Database = Kysely<DB>;
/** Inside a transaction only its handle may be used: the embedded database has one session. */
export type Transaction = KyselyTransaction<DB>;
/** For queries that run inside or outside a transaction. */
export type Handle = Database | Transaction;

export interface OpenDatabase {
  readonly db: Database;
  /** True for PGlite: one session, so a pool of one. */
  readonly embedded: boolean;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly poolSize: number;
  /** 0: none, for migrations. */
  readonly statementTimeoutMs?: number;
  /** Called for errors of idle connections, e.g. when the server restarts. */
  readonly onIdleError?: (error: Error) => void;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** On the embedded database a request waits for the one session behind all others. */
const EMBEDDED_CONNECT_TIMEOUT_MS = 60_000;
/** A statement of ours that runs longer is a fault. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** After the server's own timeout, for a server that does not answer at all. */
const SILENCE_MS = 5_000;

/** Connects, and finds out whether the server is the embedded one. Throws DATABASE_UNAVAILABLE. */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  const { statementTimeoutMs: timeout = STATEMENT_TIMEOUT_MS } = options;
  const pool = new pg.Pool({
    connectionString: databaseUrl(options.url),
    max: options.poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...(timeout > 0 ? { statement_timeout: timeout, query_timeout: timeout + SILENCE_MS } : {}),
    keepAlive: true,
    types: { getTypeParser },
  });
  pool.on('error', (error) => options.onIdleError?.(error));
  // A connection that is cut while in use fails its query; its own event has no other listener,
  // and would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  let embedded: boolean;
  try {
    const { rows } = await pool.query<{ version: string }>('select version() as version');
    // PGlite is PostgreSQL compiled by Emscripten, and says so.
    embedded = /\bemcc\b|emscripten|wasm/i.test(rows[0]?.version ?? '');
  } catch (error) {
    await pool.end();
    throw new AppError('DATABASE_UNAVAILABLE', 'The database does not answer.', { cause: error });
  }
  if (embedded) {
    pool.options.max = 1;
    pool.options.connectionTimeoutMillis = EMBEDDED_CONNECT_TIMEOUT_MS;
  }
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });
  return { db, embedded, close: () => db.destroy() };
}

/** Connections that the settings allow. */
export function poolSizeOf(values: Values): number {
  return values.DB_POOL_SIZE + values.DB_MAX_OVERFLOW;
}

/** Numbers stay numbers: int8 and numeric come as text, and what a double cannot hold is refused. */
export function checkedNumber(text: string): number {
  const value = Number(text);
  const exact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!exact) throw new RangeError('a number of the database does not fit');
  return value;
}

const asText = (text: string) => text;

function getTypeParser(oid: number, format?: 'text' | 'binary') {
  switch (oid) {
    case pg.types.builtins.INT8:
    case pg.types.builtins.NUMERIC:
      return checkedNumber;
    case pg.types.builtins.DATE:
      // A date has no zone: it stays "YYYY-MM-DD".
      return asText;
    default:
      return pg.types.getTypeParser(oid, format);
  }
}
