import { timingSafeEqual } from 'node:crypto';
import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptor,
  status,
} from '@grpc/grpc-js';

/** Refuses every call, of every service, whose `authorization` is not `Bearer <token>`. */
export function tokenInterceptor(token: string): ServerInterceptor {
  const expected = Buffer.from(`Bearer ${token}`);
  return (_method, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, nextMetadata) => {
            if (holdsToken(metadata, expected)) nextMetadata(metadata);
            else
              call.sendStatus({
                code: status.UNAUTHENTICATED,
                details: 'UNAUTHENTICATED: Send a valid token.',
              });
          },
        }),
    });
}

function holdsToken(metadata: Metadata, expected: Buffer): boolean {
  const [value] = metadata.get('authorization');
  const given = Buffer.from(typeof value === 'string' ? value : '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
