import { AppError } from '@demeter/common/errors';
import { Value } from '@sinclair/typebox/value';
import type { KeyRing } from '../auth/key-ring.ts';
import type { Transaction } from '../db/database.ts';
import { readEdges } from '../edges/boxes.ts';
import {
  CODE_HOURS,
  changeEdge,
  createCredential,
  createEdge,
  type EdgeAuthor,
  issueCode,
  revokeEdge,
} from '../edges/queries.ts';
import { removeEdge } from '../edges/remove.ts';
import { Code } from '../http/schemas.ts';
import type { AdminContext } from './admin-context.ts';
import { type Answer, type Arguments, textOption } from './command.ts';

export const EDGE_USAGE =
  'edge add|code|list|rename|revoke|remove CODE [--name NAME] [--hours N] [--token]';
const LISTED_MAX = 10_000;

/** What an administrator does about boxes, each named by its code. */
export async function manageEdges(context: AdminContext, args: Arguments): Promise<Answer> {
  const [action = '', code] = args.words;
  const organisationId = await context.organisationId();
  if (action === 'list') return await listEdges(context, organisationId, context.now());
  const act = ACTIONS[action];
  if (!act) throw usage();
  if (!code) {
    throw new AppError('INVALID_INPUT', `edge ${action} names a box by its CODE.`, {
      field: 'code',
      hint: `${usage().message} CODE is a short name, e.g. greenhouse-1.`,
    });
  }
  // As the page and REST have it, where blanks and other signs within a code are taken.
  if (action === 'add' && !Value.Check(Code, code)) {
    throw new AppError('INVALID_INPUT', 'A code has 64 characters at most, no blank at an end.', {
      field: 'code',
    });
  }
  const id = action === 'add' ? '' : await findEdge(context, organisationId, code);
  // Before the transaction: the embedded database answers nobody else within one.
  const keys = args.options.token ? await context.keys() : null;
  const author = { organisationId, actor: 'system' };
  const asked = { context, args, author, code, keys };
  return await context.db.transaction().execute((trx) => act(trx, id, asked));
}

interface Asked {
  readonly context: AdminContext;
  readonly args: Arguments;
  readonly author: EdgeAuthor;
  /** That names the box. */
  readonly code: string;
  /** Where a token was asked for in place of a one-time code. */
  readonly keys: KeyRing | null;
}
type Act = (trx: Transaction, id: string, asked: Asked) => Promise<Answer>;

const ACTIONS: Readonly<Record<string, Act>> = {
  add: async (trx, _, asked) => {
    const { author, code } = asked;
    const id = await createEdge(trx, author, {
      code,
      name: textOption(asked.args, 'name') ?? code,
    });
    return await letIn(trx, id, asked);
  },
  code: async (trx, id, asked) => await letIn(trx, id, asked),
  rename: async (trx, id, { args, author, code }) => {
    const name = textOption(args, 'name');
    if (!name) throw usage();
    await changeEdge(trx, author, id, { name });
    return { id, code, name };
  },
  revoke: async (trx, id, { context, author, code }) => {
    const now = context.now();
    await revokeEdge(trx, author, id, now);
    return { id, code, revoked_at: now.toISOString() };
  },
  remove: async (trx, id, { context, author, code }) => {
    await removeEdge(trx, author, id);
    return { id, code, removed_at: context.now().toISOString() };
  },
};

/** A one-time code with the line that is run at the box next, or a token. */
const letIn: Act = async (trx, id, { context, args, author, code, keys }) => {
  if (keys) {
    const { token, expiresAt } = await createCredential(trx, keys, author, id, context.now());
    return { id, code, token, expires_at: expiresAt.toISOString() };
  }
  const issued = await issueCode(trx, author, id, codeOptions(context, args));
  const at_the_box = `demeter edge enrol ${issued.code} --core ${context.publicUrl()}`;
  const expires_at = issued.expiresAt.toISOString();
  return { id, code, enrolment_code: issued.code, expires_at, at_the_box };
};

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

/** The id of the box with this code. Throws NOT_FOUND. */
async function findEdge({ db }: AdminContext, organisationId: string, code: string) {
  const row = await db
    .selectFrom('edges')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('code', '=', code)
    .executeTakeFirst();
  if (row) return row.id;
  throw new AppError('NOT_FOUND', `There is no box ${code}.`, { hint: 'See `edge list`.' });
}

function codeOptions(context: AdminContext, args: Arguments) {
  const hours = Number(textOption(args, 'hours') ?? CODE_HOURS);
  if (!Number.isInteger(hours) || hours < 1 || hours > 168) {
    throw new AppError('INVALID_INPUT', '--hours is a whole number from 1 to 168.');
  }
  return { key: context.codesKey, now: context.now(), hours };
}

function usage(): AppError {
  return new AppError('INVALID_INPUT', `Usage: ${EDGE_USAGE}.`);
}
