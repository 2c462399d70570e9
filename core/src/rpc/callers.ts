import { timingSafeEqual } from 'node:crypto';
import { AppError } from '@demeter/common/errors';
import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import type { Permission } from '../auth/permissions.ts';
import type { Principal, UserPrincipal } from '../auth/principal.ts';
import { toServiceError } from './service-error.ts';

export interface Callers {
  /** For inference servers; unset: none is asked for. */
  readonly token: string | undefined;
  /** Who a person or program with a bearer token is, as in REST. */
  readonly authenticate: (
    request: Request,
    remoteAddress: string | undefined,
  ) => Promise<Principal | null>;
}

const REPROCESS = '/demeter.v1.Reprocess/';
const REGISTRY = '/demeter.v1.Registry/';
const NEEDED: Permission = 'reprocess:run';

const users = new WeakMap<Metadata, UserPrincipal>();

/** Who makes a call that the interceptor let through. */
export function callerOf({ metadata }: { readonly metadata: Metadata }): UserPrincipal {
  const user = users.get(metadata);
  if (user) return user;
  throw new AppError('UNAUTHENTICATED', 'This needs a token.');
}

/**
 * Finds out who calls before a byte of a message is read, so that nobody unknown can make us hold
 * one: people and their programs for Reprocess, inference servers for Registry.
 */
export function callerInterceptor(callers: Callers): ServerInterceptor {
  return ({ path }, call) => {
    const admit = admission(callers, path, call);
    if (!admit) return new ServerInterceptingCall(call);
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, forward) => {
            admit(metadata).then(
              () => forward(metadata),
              (error: unknown) => call.sendStatus(toServiceError(error)),
            );
          },
        }),
    });
  };
}

function admission(
  callers: Callers,
  path: string,
  call: ServerInterceptingCallInterface,
): ((metadata: Metadata) => Promise<void>) | undefined {
  if (path.startsWith(REGISTRY)) return async (metadata) => checkToken(callers.token, metadata);
  if (!path.startsWith(REPROCESS)) return undefined;
  return async (metadata) => void users.set(metadata, await readUser(callers, metadata, call));
}

/** Throws UNAUTHENTICATED, PERMISSION_DENIED, ISSUER_UNAVAILABLE. */
async function readUser(
  { authenticate }: Callers,
  metadata: Metadata,
  call: ServerInterceptingCallInterface,
): Promise<UserPrincipal> {
  const headers = new Headers({ host: call.getHost() });
  const [authorization] = metadata.get('authorization');
  if (authorization !== undefined) headers.set('authorization', String(authorization));
  const request = new Request('http://grpc/', { method: 'POST', headers });
  const principal = await authenticate(request, call.getConnectionInfo().remoteAddress);
  if (!principal) throw new AppError('UNAUTHENTICATED', 'This needs a token.');
  if (principal.kind === 'user' && principal.permissions.has(NEEDED)) return principal;
  throw new AppError('PERMISSION_DENIED', `This needs the permission ${NEEDED}.`, {
    details: { permission: NEEDED },
  });
}

/** Throws UNAUTHENTICATED unless the caller sends the shared token, where there is one. */
function checkToken(token: string | undefined, metadata: Metadata): void {
  if (token === undefined) return;
  const given = String(metadata.get('authorization')[0] ?? '');
  const expected = Buffer.from(`Bearer ${token}`);
  const actual = Buffer.from(given);
  if (actual.length === expected.length && timingSafeEqual(actual, expected)) return;
  throw new AppError('UNAUTHENTICATED', 'The announcement carries no valid token.');
}
