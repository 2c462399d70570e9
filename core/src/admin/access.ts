import { AppError } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import { isRole, ROLE_PERMISSIONS, ROLES } from '../auth/permissions.ts';
import { ensureUser, localUser } from '../auth/users.ts';
import { createSignInLink } from '../auth/web-sessions.ts';
import type { AdminContext } from './admin-context.ts';
import { type Answer, type Arguments, textOption } from './command.ts';

/** Longest life of a token made here, in minutes: 30 days. */
const MINUTES_MAX = 43_200;

/** An access token of a local person of that role. */
export async function makeToken(context: AdminContext, args: Arguments): Promise<Answer> {
  const role = textOption(args, 'role') ?? 'viewer';
  if (!isRole(role)) throw new AppError('INVALID_INPUT', `--role is one of ${ROLES.join(', ')}.`);
  const { JWT_ACCESS_TOKEN_EXPIRE_MINUTES } = context.config.values;
  const minutes = Number(textOption(args, 'minutes') ?? JWT_ACCESS_TOKEN_EXPIRE_MINUTES);
  if (!(minutes > 0 && minutes <= MINUTES_MAX)) {
    throw new AppError('INVALID_INPUT', `--minutes is from 1 to ${MINUTES_MAX}.`);
  }
  const organisationId = await context.organisationId();
  const user = await ensureUser(context.db, organisationId, localUser(role));
  if (!user) throw new AppError('PERMISSION_DENIED', `The local ${role} is disabled.`);
  const issuedAt = Math.floor(context.now().getTime() / 1000);
  const expiresAt = issuedAt + Math.round(minutes * 60);
  const keys = await context.keys();
  const token = await keys.signToken('access', {
    subject: `user:${user.id}`,
    organisationId,
    jti: newId(),
    issuedAt,
    expiresAt,
    more: { permissions: ROLE_PERMISSIONS[user.role] },
  });
  return { token, role, expires_at: new Date(expiresAt * 1000).toISOString() };
}

/** A link that signs the administrator in at the page, once. */
export async function makeSignInLink(context: AdminContext, args: Arguments): Promise<Answer> {
  const role = textOption(args, 'role') ?? 'admin';
  if (!isRole(role)) throw new AppError('INVALID_INPUT', `--role is one of ${ROLES.join(', ')}.`);
  const organisationId = await context.organisationId();
  const user = await ensureUser(context.db, organisationId, localUser(role));
  if (!user) throw new AppError('PERMISSION_DENIED', `The local ${role} is disabled.`);
  const owner = { organisationId, userId: user.id };
  const { token, expiresAt } = await createSignInLink(context.db, owner, context.now());
  return {
    url: `${context.publicUrl()}/#sign-in=${token}`,
    token,
    expires_at: expiresAt.toISOString(),
  };
}
