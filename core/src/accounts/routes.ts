import { AppError } from '@demeter/common/errors';
import { t } from 'elysia';
import { writeAudit } from '../audit.ts';
import { createSignInLink } from '../auth/web-sessions.ts';
import type { CoreContext } from '../context.ts';
import { feature } from '../http/feature.ts';
import { Time } from '../http/schemas.ts';

type AccountContext = Pick<CoreContext, 'db' | 'clock' | 'publicUrl'>;

/** Links by which people sign in. */
export function accountRoutes({ db, clock, publicUrl }: AccountContext) {
  return feature('Accounts').post(
    '/auth/sign-in-links',
    async ({ principal, body, set }) => {
      const { organisationId, actor } = principal;
      const user = await db
        .selectFrom('users')
        .select('id')
        .where('organisation_id', '=', organisationId)
        .where('email', '=', body?.email ?? principal.email)
        .where('disabled_at', 'is', null)
        .executeTakeFirst();
      if (!user) {
        throw new AppError('NOT_FOUND', 'There is no such person.', { field: 'email' });
      }
      const { token, expiresAt } = await db.transaction().execute(async (trx) => {
        await writeAudit(trx, {
          organisationId,
          actor,
          action: 'sign_in_links.create',
          subjectType: 'users',
          subjectId: user.id,
        });
        const now = new Date(clock.now());
        return await createSignInLink(trx, { organisationId, userId: user.id }, now);
      });
      set.status = 201;
      set.headers['cache-control'] = 'no-store';
      return { url: `${publicUrl()}/#sign-in=${token}`, expires_at: expiresAt.toISOString() };
    },
    {
      permission: 'users:manage',
      body: t.Optional(t.Object({ email: t.Optional(t.String({ maxLength: 320 })) })),
      response: { 201: t.Object({ url: t.String(), expires_at: Time }) },
      detail: { summary: 'A link that signs somebody in, once' },
    },
  );
}
