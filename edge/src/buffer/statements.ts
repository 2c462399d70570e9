import { Database, type Statement } from 'bun:sqlite';

/** More than the edge has different questions; by itself Bun keeps fewer prepared. */
Database.MAX_QUERY_CACHE_SIZE = 256;

/** By the text they were asked for with. */
const steady = new Map<string, string>();

/**
 * A statement that stays prepared. Where the value of a parameter might change the plan (a LIMIT, an
 * equality beside ORDER BY), SQLite plans anew at every call, which takes longer than most
 * answers. A plus before each parameter keeps it from looking, and changes nothing else.
 */
export function prepared(db: Database, sql: string): Statement {
  let text = steady.get(sql);
  if (text === undefined) {
    text = sql.replaceAll(/\?\d*/g, '+$&');
    steady.set(sql, text);
  }
  return db.query(text);
}
