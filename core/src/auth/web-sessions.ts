import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { AppError } from '@demeter/common/errors';
import type { Handle } from '../db/database.ts';
import { findUser, type User } from './users.ts';

export const SESSION_COOKIE = 'demeter_session';
export const SESSION_HOURS = 12;
const LINK_MINUTES = 60;

const digest = (token: string) => createHash('sha256').update(token).digest();
const newToken = () => randomBytes(32).toString('base64url');

interface Owner {
  readonly organisationId: string;
  readonly userId: string;
}

/** A token for one sign-in; only its hash is stored. */
export async function createSignInLink(
  db: Handle,
  { organisationId, userId }: Owner,
  now: Date,
): Promise<{ token: string; expiresAt: Date }> {
  const token = newToken();
  const expiresAt = new Date(now.getTime() + LINK_MINUTES * 60_000);
  await db
    .insertInto('sign_in_links')
    .values({
      organisation_id: organisationId,
      token_sha256: digest(token),
      user_id: userId,
      expires_at: expiresAt,
    })
    .execute();
  return { token, expiresAt };
}

/** Uses a link up and opens a session. Throws UNAUTHENTICATED if it was used or has expired. */
export async function redeemSignInLink(
  db: Handle,
  { organisationId, token }: { organisationId: string; token: string },
  now: Date,
): Promise<{ user: User; sessionToken: string; expiresAt: Date }> {
  // One statement, so that of two callers only one gets it.
  const link = await db
    .updateTable('sign_in_links')
    .set({ used_at: now })
    .where('organisation_id', '=', organisationId)
    .where('token_sha256', '=', digest(token))
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('user_id')
    .executeTakeFirst();
  const user = link && (await findUser(db, organisationId, { id: link.user_id }));
  if (!user) {
    throw new AppError('UNAUTHENTICATED', 'This sign-in link was used or has expired.', {
      hint: 'Ask for a new one: `demeter sign-in-link`.',
    });
  }
  const sessionToken = newToken();
  const expiresAt = new Date(now.getTime() + SESSION_HOURS * 3_600_000);
  await db
    .insertInto('web_sessions')
    .values({
      organisation_id: organisationId,
      token_sha256: digest(sessionToken),
      user_id: user.id,
      expires_at: expiresAt,
    })
    .execute();
  return { user, sessionToken, expiresAt };
}

/** Who has this session; undefined if there is none or it has expired. */
export async function findSession(
  db: Handle,
  { organisationId, token }: { organisationId: string; token: string },
  now: Date,
): Promise<User | undefined> {
  const session = await db
    .selectFrom('web_sessions')
    .select('user_id')
    .where('organisation_id', '=', organisationId)
    .where('token_sha256', '=', digest(token))
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return session && (await findUser(db, organisationId, { id: session.user_id }));
}

export async function endSession(
  db: Handle,
  { organisationId, token }: { organisationId: string; token: string },
): Promise<void> {
  await db
    .deleteFrom('web_sessions')
    .where('organisation_id', '=', organisationId)
    .where('token_sha256', '=', digest(token))
    .execute();
}

/** Removes what has expired; answers how many rows. */
export async function sweepSessions(db: Handle, now: Date): Promise<number> {
  const sessions = await db
    .deleteFrom('web_sessions')
    .where('expires_at', '<=', now)
    .executeTakeFirst();
  const links = await db
    .deleteFrom('sign_in_links')
    .where('expires_at', '<=', now)
    .executeTakeFirst();
  return Number(sessions.numDeletedRows + links.numDeletedRows);
}

/** Known only to pages that could read an answer of ours, which other sites cannot. */
export function csrfTokenOf(key: Uint8Array, sessionToken: string): string {
  return createHmac('sha256', key).update(sessionToken).digest('base64url');
}

/** Compares in constant time. */
export function isCsrfToken(expected: string, given: string | null): boolean {
  const a = Buffer.from(expected);
  const b = Buffer.from(given ?? '');
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The session's token of a Cookie header. */
export function sessionCookieOf(header: string | null): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const [name, value] = part.trim().split('=');
    if (name === SESSION_COOKIE && value) return value;
  }
  return undefined;
}

/** Set-Cookie for a session, or to end it (maxAgeSeconds 0). */
export function sessionCookie(token: string, maxAgeSeconds: number, secure: boolean): string {
  const flags = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}`;
  return `${SESSION_COOKIE}=${token}; ${flags}${secure ? '; Secure' : ''}`;
}
