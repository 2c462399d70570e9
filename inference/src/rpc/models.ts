import { AppError } from '@demeter/common/errors';
import type { ModelsHandlers, UploadModelRequest__Output } from '@demeter/proto';
import { toModelStatus } from '../model-status.ts';
import type { Shelf } from '../residency/shelf.ts';
import type { Uploads } from '../residency/uploads.ts';
import { toServiceError } from './service-error.ts';
import { unary } from './unary.ts';

export interface ModelsOptions {
  readonly shelf: Shelf;
  readonly uploads: Uploads;
}

/** demeter.v1.Models: administration of this server's models. */
export function modelsHandlers({ shelf, uploads }: ModelsOptions): ModelsHandlers {
  return {
    ListModels: unary(() => ({ models: shelf.list().map(toModelStatus) })),
    LoadModel: unary(async ({ name, version, pin }) => ({
      model: toModelStatus(await shelf.load({ name, version }, pin)),
    })),
    UnloadModel: unary(async (ref) => ({
      models: (await shelf.unload(ref)).map(toModelStatus),
    })),
    PinModel: unary(({ name, version, pinned }) => ({
      model: toModelStatus(shelf.pin({ name, version }, pinned)),
    })),
    RemoveModel: unary(async ({ name, version }) => {
      await shelf.remove({ name, version }, () => uploads.remove({ name, version }));
      return {};
    }),
    UploadModel: (call, callback) => {
      call.once('cancelled', () => call.destroy(new AppError('CANCELLED', 'The client is gone.')));
      upload(call, { shelf, uploads }).then(
        (model) => callback(null, { model }),
        (error: unknown) => {
          callback(toServiceError(error));
          // What is still coming is not wanted.
          call.resume();
        },
      );
    },
  };
}

async function upload(
  messages: AsyncIterable<UploadModelRequest__Output>,
  { shelf, uploads }: ModelsOptions,
) {
  const stream = messages[Symbol.asyncIterator]();
  const first = await stream.next();
  const header = first.done ? null : first.value.header;
  if (!header) {
    throw new AppError('INVALID_INPUT', 'The first message is the header.', { field: 'header' });
  }
  const { name, version } = header;
  if (shelf.find({ name, version: version || '-' })) {
    throw new AppError('ALREADY_EXISTS', `${name}/${version} is in the repository already.`, {
      hint: 'Upload it as another version.',
    });
  }
  await uploads.receive({
    name,
    version,
    sha256: header.sha256,
    sizeBytes: Number(header.size_bytes),
    manifest: header.manifest_json,
    chunks: chunksOf(stream),
    tryOut: (spec) => shelf.tryOut(spec),
  });
  await shelf.rescan();
  // It is in the repository whatever becomes of this: the answer says what has.
  if (header.load) await shelf.load({ name, version }, false).catch(() => {});
  const model = shelf.find({ name, version });
  if (!model) throw new AppError('NOT_FOUND', `${name}/${version} was removed again.`);
  return toModelStatus(model);
}

async function* chunksOf(
  stream: AsyncIterator<UploadModelRequest__Output>,
): AsyncGenerator<Uint8Array> {
  for (let next = await stream.next(); !next.done; next = await stream.next()) {
    const { chunk } = next.value;
    if (!chunk) throw new AppError('INVALID_INPUT', 'After the header come chunks.');
    yield chunk;
  }
}
