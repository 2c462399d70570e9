import { Database, type Statement } from 'bun:sqlite';

/** The edge asks for about a hundred different things all the time; Bun keeps twenty prepared by itself. */
Database.MAX_QUERY_CACHE_SIZE = 256;

/** By the text they were asked for with. */
const steady = new Map<string, string>();

/**
 * A statement that stays prepared. Where the value of a parameter might change the plan (a LIMIT, an
 * equality beside ORDER BY), SQLite plans anew at every call, which takes ten times as long as most
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
