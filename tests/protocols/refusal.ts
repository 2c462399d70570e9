import { type Client, Metadata, type ServiceError, status } from '@grpc/grpc-js';

/** Why the token may not call the method; undefined where it may. */
export async function refusal(
  client: Client,
  method: string,
  token: string,
): Promise<string | undefined> {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  const path = `/${method.replace(/\.(\w+)$/, '/$1')}`;
  const same = (bytes: Buffer) => bytes;
  const options = { deadline: Date.now() + 60_000 };
  // As a stream, so that one that never ends is known to be allowed by its first answer.
  const call = client.makeServerStreamRequest(path, same, same, Buffer.alloc(0), metadata, options);
  const { promise, resolve } = Promise.withResolvers<ServiceError | undefined>();
  call.on('data', () => {
    resolve(undefined);
    call.cancel();
  });
  call.on('error', resolve);
  const error = await promise;
  const refused =
    error?.code === status.PERMISSION_DENIED || error?.code === status.UNAUTHENTICATED;
  return refused ? error.details : undefined;
}
