import { newId } from '@demeter/common/ids';
import type { Handle } from '../db/database.ts';
import type { Role } from './permissions.ts';

export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
}

const COLUMNS = ['id', 'email', 'name', 'role'] as const;

/** A person of the organisation who is not disabled. */
export async function findUser(
  db: Handle,
  organisationId: string,
  by: { readonly id: string } | { readonly subject: string },
): Promise<User | undefined> {
  let query = db
    .selectFrom('users')
    .select(COLUMNS)
    .where('organisation_id', '=', organisationId)
    .where('disabled_at', 'is', null);
  query = 'id' in by ? query.where('id', '=', by.id) : query.where('subject', '=', by.subject);
  return await query.executeTakeFirst();
}

export interface NewUser {
  readonly subject: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
}

/**
 * The person with this subject, created at first sight; undefined for one who is disabled. An
 * address that somebody else has is not taken over: the subject stands in its place.
 */
export async function ensureUser(
  db: Handle,
  organisationId: string,
  user: NewUser,
): Promise<User | undefined> {
  for (const email of [user.email, user.subject]) {
    const known = await findUser(db, organisationId, { subject: user.subject });
    if (known) return known;
    await db
      .insertInto('users')
      .values({ ...user, organisation_id: organisationId, id: newId(), email })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  return await findUser(db, organisationId, { subject: user.subject });
}

/** The local person who stands for a role: `demeter init` makes the admin, `demeter token` others. */
export function localUser(role: Role): NewUser {
  const email = `${role}@demeter.local`;
  return { subject: `local:${email}`, email, name: role, role };
}
