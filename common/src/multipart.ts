import { Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { AppError } from './errors.ts';

/** A photo's field, the same at edge and core (docs/protocols.md, "Cameras → edge"). */
const PHOTO_FIELD = 'photo';
const LIMITS = {
  files: 1,
  fields: 16,
  parts: 20,
  fieldNameSize: 100,
  headerPairs: 32,
};
const FIELD_BYTES_MAX = 1024;

/** As cameras send it; the core takes one field more. */
export const PHOTO_FORM: Form = {
  fileField: PHOTO_FIELD,
  textFields: ['captured_at', 'location_code'],
  fieldBytesMax: FIELD_BYTES_MAX,
};

export interface Form {
  /** Name of the one file field. */
  readonly fileField: string;
  /** Names of the text fields; another one is refused, for what it says would be lost silently. */
  readonly textFields: readonly string[];
  /** Longest text field. */
  readonly fieldBytesMax: number;
}

export interface MultipartFile {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Complete once `chunks` has ended. */
  readonly fields: ReadonlyMap<string, string>;
  readonly fileName: () => string | undefined;
}

/**
 * Reads a form as it arrives: the file's bytes pass through, nothing is gathered.
 * `chunks` throws INVALID_INPUT where the form is broken, has no file, more than one, or an unknown field.
 */
export function readMultipart(
  request: Request,
  body: AsyncIterable<Uint8Array>,
  form: Form = PHOTO_FORM,
): MultipartFile {
  const fields = new Map<string, string>();
  const contentType = request.headers.get('content-type') ?? '';
  let fileName: string | undefined;
  return {
    fields,
    fileName: () => fileName,
    chunks: parse({ contentType, body, form }, fields, (name) => {
      fileName = name;
    }),
  };
}

interface Input {
  readonly contentType: string;
  readonly body: AsyncIterable<Uint8Array>;
  readonly form: Form;
}

async function* parse(
  { contentType, body, form: { fileField, textFields, fieldBytesMax } }: Input,
  fields: Map<string, string>,
  onFileName: (name: string) => void,
): AsyncGenerator<Uint8Array> {
  const file = Promise.withResolvers<Readable>();
  const end = Promise.withResolvers<void>();
  const parser = createParser(contentType, fieldBytesMax);
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
    if (name !== fileField) {
      stream.resume();
      fail(invalid(`The form's file field is called ${fileField}.`, name));
      return;
    }
    onFileName(given);
    file.resolve(stream);
  });
  parser.on('field', (name, value, nameCut, valueCut) => {
    if (nameCut || valueCut) fail(invalid('A field of the form is too long.', name));
    if (!textFields.includes(name)) {
      const hint = `Its text fields are ${textFields.join(', ')}.`;
      fail(new AppError('INVALID_INPUT', `The form has no field ${name}.`, { field: name, hint }));
    }
    fields.set(name, value);
  });
  for (const limit of ['filesLimit', 'fieldsLimit', 'partsLimit'] as const) {
    parser.on(limit, () => fail(invalid('The form has too many parts.')));
  }
  parser.on('error', fail);
  parser.on('finish', () => {
    file.reject(invalid(`The form has no file field ${fileField}.`, fileField));
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

function createParser(contentType: string, fieldSize: number): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: { ...LIMITS, fieldSize },
    });
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
