import { AppError } from '@demeter/common/errors';
import { createCredential, createEdge } from '../edges/queries.ts';
import type { AdminContext } from './admin-context.ts';
import { type Answer, type Arguments, textOption } from './command.ts';

/** Adds an edge box, or gives a known one another credential; answers its token. */
export async function addEdge(context: AdminContext, args: Arguments): Promise<Answer> {
  const [action, code] = args.words;
  if (action !== 'add' || !code)
    throw new AppError('INVALID_INPUT', 'Usage: edge add CODE [--name NAME].');
  const organisationId = await context.organisationId();
  const keys = await context.keys();
  const author = { organisationId, actor: 'system' };
  return await context.db.transaction().execute(async (trx) => {
    const known = await trx
      .selectFrom('edges')
      .select('id')
      .where('organisation_id', '=', organisationId)
      .where('code', '=', code)
      .executeTakeFirst();
    const name = textOption(args, 'name') ?? code;
    const id = known?.id ?? (await createEdge(trx, author, { code, name }));
    const { token, expiresAt } = await createCredential(trx, keys, author, id, context.now());
    return { id, code, token, expires_at: expiresAt.toISOString() };
  });
}
