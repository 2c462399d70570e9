import { AppError } from '@demeter/common/errors';
import { type Metadata, ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import { scopeOf } from './scopes.ts';
import { toServiceError } from './service-error.ts';
import type { Tokens } from './tokens.ts';

/** Refuses every call, of every service, whose token is unknown or lacks the method's scope. */
export function tokenInterceptor(tokens: Tokens): ServerInterceptor {
  return ({ path }, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, nextMetadata) => {
            const refusal = tokens.required ? refuse(tokens, path, metadata) : undefined;
            if (refusal) call.sendStatus(toServiceError(refusal));
            else nextMetadata(metadata);
          },
        }),
    });
}

/** Why the call may not go on. */
function refuse(tokens: Tokens, path: string, metadata: Metadata): AppError | undefined {
  const [value] = metadata.get('authorization');
  const token = /^Bearer (.+)$/.exec(typeof value === 'string' ? value : '')?.[1];
  const bearer = token === undefined ? undefined : tokens.find(token);
  if (!bearer) return new AppError('UNAUTHENTICATED', 'The call carries no valid token.');
  const scope = scopeOf(path);
  if (scope !== undefined && bearer.scopes.has(scope)) return undefined;
  const needed = scope === undefined ? 'no scope that there is' : `the scope ${scope}`;
  return new AppError('PERMISSION_DENIED', `The token ${bearer.name} lacks ${needed}.`, {
    hint: 'Send a token with that scope.',
  });
}
