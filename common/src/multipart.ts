import { Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { AppError } from './errors.ts';

/** The file field's name, the same at edge and core (docs/protocols.md, "Cameras → edge"). */
const FILE_FIELD = 'photo';
const LIMITS = {
  files: 1,
  fields: 16,
  parts: 20,
  fieldNameSize: 100,
  fieldSize: 1024,
  headerPairs: 32,
};

export interface MultipartPhoto {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Complete once `chunks` has ended. */
  readonly fields: ReadonlyMap<string, string>;
  readonly fileName: () => string | undefined;
}

/**
 * Reads a form as it arrives: the file's bytes pass through, nothing is gathered.
 * `chunks` throws INVALID_INPUT where the form is broken, has no photo, or more than one.
 */
export function readMultipart(request: Request, body: ReadableStream<Uint8Array>): MultipartPhoto {
  const fields = new Map<string, string>();
  const contentType = request.headers.get('content-type') ?? '';
  let fileName: string | undefined;
  return {
    fields,
    fileName: () => fileName,
    chunks: parse(contentType, body, fields, (name) => {
      fileName = name;
    }),
  };
}

async function* parse(
  contentType: string,
  body: ReadableStream<Uint8Array>,
  fields: Map<string, string>,
  onFileName: (name: string) => void,
): AsyncGenerator<Uint8Array> {
  const file = Promise.withResolvers<Readable>();
  const end = Promise.withResolvers<void>();
  const parser = createParser(contentType);
  const fail = (error: unknown) => {
    const known = error instanceof AppError ? error : broken(error);
    file.reject(known);
    end.reject(known);
    // Whoever reads the file would wait for ever for the rest.
    file.promise.then((stream) => stream.destroy(known)).catch(() => {});
  };
  // Whoever waits for neither of the two must not crash the process.
  file.promise.catch(() => {});
  end.promise.catch(() => {});
  parser.on('file', (name, stream, given) => {
    if (name !== FILE_FIELD) {
      stream.resume();
      fail(invalid(`The form's file field is called ${FILE_FIELD}.`, name));
      return;
    }
    onFileName(given);
    file.resolve(stream);
  });
  parser.on('field', (name, value, nameCut, valueCut) => {
    if (nameCut || valueCut) fail(invalid('A field of the form is too long.', name));
    fields.set(name, value);
  });
  for (const limit of ['filesLimit', 'fieldsLimit', 'partsLimit'] as const) {
    parser.on(limit, () => fail(invalid('The form has too many parts.')));
  }
  parser.on('error', fail);
  parser.on('finish', () => {
    file.reject(invalid(`The form has no file field ${FILE_FIELD}.`, FILE_FIELD));
    end.resolve();
  });
  const input = Readable.from(body);
  input.on('error', fail);
  input.pipe(parser);
  try {
    yield* await file.promise;
    await end.promise;
  } catch (error) {
    // A form that ends inside its file, or a client that went away.
    throw error instanceof AppError ? error : broken(error);
  } finally {
    input.unpipe(parser);
    input.destroy();
    parser.destroy();
  }
}

function createParser(contentType: string): BusboyInstance {
  try {
    return new Busboy({ headers: { 'content-type': contentType }, limits: LIMITS });
  } catch (error) {
    throw broken(error);
  }
}

function broken(cause: unknown): AppError {
  return new AppError('INVALID_INPUT', 'The form cannot be read.', { cause });
}

function invalid(message: string, field?: string): AppError {
  return new AppError('INVALID_INPUT', message, field === undefined ? {} : { field });
}
