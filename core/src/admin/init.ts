import { newId } from '@demeter/common/ids';
import { KeyRing } from '../auth/key-ring.ts';
import { ensureUser, localUser } from '../auth/users.ts';
import { ORGANISATION_CODE } from '../organisation.ts';
import type { AdminContext } from './admin-context.ts';
import type { Answer } from './command.ts';

/** Organisation, administrator, signing key, buckets: makes what is missing, changes nothing else. */
export async function init(context: AdminContext): Promise<Answer> {
  const { db, sealKey, originals, derived } = context;
  await db
    .insertInto('organisations')
    .values({ id: newId(), code: ORGANISATION_CODE, name: 'Demeter' })
    .onConflict((conflict) => conflict.column('code').doNothing())
    .execute();
  const organisationId = await context.organisationId();
  const admin = await ensureUser(db, organisationId, localUser('admin'));
  const madeKey = await KeyRing.init(db, organisationId, sealKey);
  await originals.init();
  await derived.init();
  return {
    organisation_id: organisationId,
    admin: admin?.email ?? 'disabled',
    signing_key: madeKey ? 'created' : 'there',
    object_store: originals.kind,
  };
}
