import { AppError } from '@demeter/common/errors';
import { readEdges } from '../edges/boxes.ts';
import {
  CODE_HOURS,
  changeEdge,
  createCredential,
  createEdge,
  issueCode,
  revokeEdge,
} from '../edges/queries.ts';
import type { AdminContext } from './admin-context.ts';
import { type Answer, type Arguments, textOption } from './command.ts';

export const EDGE_USAGE =
  'edge add|code|list|rename|revoke CODE [--name NAME] [--hours N] [--token]';
const LISTED_MAX = 10_000;

/** What an administrator does about boxes, each named by its code. */
export async function manageEdges(context: AdminContext, args: Arguments): Promise<Answer> {
  const [action, code] = args.words;
  const organisationId = await context.organisationId();
  const author = { organisationId, actor: 'system' };
  const now = context.now();
  if (action === 'list') return await listEdges(context, organisationId, now);
  if (!code) throw usage();
  const known = await findEdge(context, organisationId, code);
  switch (action) {
    case 'add':
      return await addEdge(context, args, { author, code, known });
    case 'code': {
      const options = codeOptions(context, args);
      const { db } = context;
      const issued = await db
        .transaction()
        .execute((trx) => issueCode(trx, author, existing(known, code), options));
      return { code, ...shown(issued, context) };
    }
    case 'rename': {
      const name = textOption(args, 'name');
      if (!name) throw usage();
      const id = existing(known, code);
      await context.db.transaction().execute((trx) => changeEdge(trx, author, id, { name }));
      return { id, code, name };
    }
    case 'revoke': {
      const id = existing(known, code);
      await context.db.transaction().execute((trx) => revokeEdge(trx, author, id, now));
      return { id, code, revoked_at: now.toISOString() };
    }
    default:
      throw usage();
  }
}

interface Added {
  readonly author: { readonly organisationId: string; readonly actor: string };
  readonly code: string;
  readonly known: string | undefined;
}

/** A box that is known gets another code, or another token. */
async function addEdge(context: AdminContext, args: Arguments, { author, code, known }: Added) {
  const name = textOption(args, 'name') ?? code;
  const keys = args.options.token ? await context.keys() : undefined;
  return await context.db.transaction().execute(async (trx) => {
    const id = known ?? (await createEdge(trx, author, { code, name }));
    if (!keys) {
      const issued = await issueCode(trx, author, id, codeOptions(context, args));
      return { id, code, ...shown(issued, context) };
    }
    const { token, expiresAt } = await createCredential(trx, keys, author, id, context.now());
    return { id, code, token, expires_at: expiresAt.toISOString() };
  });
}

async function listEdges({ db }: AdminContext, organisationId: string, now: Date) {
  const edges = await readEdges(db, organisationId, { limit: LISTED_MAX }, now);
  return edges.map(
    ({ id, code, name, credential, last_seen_at, version, state, alerts, ...edge }) => ({
      id,
      code,
      name,
      credential: edge.revoked_at ? 'revoked' : credential,
      last_seen_at,
      version,
      backlog: state?.backlog_photos ?? null,
      oldest_unsent_at: state?.oldest_unsent_at ?? null,
      disk_percent: state ? Math.round(100 * state.disk_share) : null,
      alerts: alerts.map(({ kind }) => kind).join(' '),
    }),
  );
}

async function findEdge({ db }: AdminContext, organisationId: string, code: string) {
  const row = await db
    .selectFrom('edges')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('code', '=', code)
    .executeTakeFirst();
  return row?.id;
}

function existing(id: string | undefined, code: string): string {
  if (id !== undefined) return id;
  throw new AppError('NOT_FOUND', `There is no box ${code}.`, { hint: 'See `edge list`.' });
}

function codeOptions(context: AdminContext, args: Arguments) {
  const hours = Number(textOption(args, 'hours') ?? CODE_HOURS);
  if (!Number.isInteger(hours) || hours < 1 || hours > 168) {
    throw new AppError('INVALID_INPUT', '--hours is a whole number from 1 to 168.');
  }
  return { key: context.codesKey, now: context.now(), hours };
}

/** With the line that is run at the box next. */
function shown({ code, expiresAt }: { code: string; expiresAt: Date }, context: AdminContext) {
  const at_the_box = `demeter edge enrol ${code} --core ${context.publicUrl()}`;
  return { enrolment_code: code, expires_at: expiresAt.toISOString(), at_the_box };
}

function usage(): AppError {
  return new AppError('INVALID_INPUT', `Usage: ${EDGE_USAGE}.`);
}
