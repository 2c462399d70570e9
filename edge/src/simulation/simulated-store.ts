import { AppError } from '@demeter/common/errors';
import type {
  ObjectBody,
  ObjectStore,
  PutOptions,
} from '@demeter/common/object-store/object-store';
import { hashOf } from './centre.ts';
import type { Life } from './life.ts';
import type { Platter } from './simulated-disk.ts';

/** The object store beside the box: it goes away, comes back empty, and forgets in a power cut. */
export class StoreFaults {
  readonly objects = new Map<string, Buffer>();
  away = false;
}

/** As one life of the process sees it; what the box never asks for is not there. */
export function storeOf(state: StoreFaults, platter: Platter, life: Life): ObjectStore {
  const ask = <T>(act: () => T): Promise<T> =>
    life.operation('local-store', 30, () => {
      if (state.away) throw new AppError('OBJECT_STORE_UNAVAILABLE', 'The store is away.');
      return act();
    });
  const found = (key: string): Buffer => {
    const bytes = state.objects.get(key);
    if (!bytes) throw new AppError('NOT_FOUND', 'The store holds no such object.');
    return bytes;
  };
  const store = {
    kind: 's3',
    init: () => ask(() => {}),
    put: (key: string, body: ObjectBody, { sha256 }: PutOptions) =>
      ask(() => {
        const bytes = 'bytes' in body ? Buffer.from(body.bytes) : platter.require(body.path).bytes;
        if (hashOf(bytes) !== sha256) {
          throw new AppError('CHECKSUM_MISMATCH', 'The bytes are not those announced.');
        }
        const created = !state.objects.has(key);
        state.objects.set(key, bytes);
        return { created };
      }),
    get: (key: string) =>
      ask(() => {
        const bytes = found(key);
        const stream = new ReadableStream<Uint8Array>({
          start: (controller) => {
            controller.enqueue(bytes);
            controller.close();
          },
        });
        return { stream, sizeBytes: bytes.length, mediaType: 'image/jpeg' };
      }),
    head: (key: string) =>
      ask(() => {
        const bytes = state.objects.get(key);
        return bytes ? { sizeBytes: bytes.length, mediaType: 'image/jpeg' } : null;
      }),
    remove: (key: string) => ask(() => void state.objects.delete(key)),
    list: async function* (prefix: string) {
      yield* await ask(() => [...state.objects.keys()].filter((key) => key.startsWith(prefix)));
    },
  };
  return store as unknown as ObjectStore;
}
