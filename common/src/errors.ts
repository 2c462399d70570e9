/**
 * The one closed list of errors: code → HTTP status → gRPC status → what to do about it.
 * The same code stands in problem+json, in gRPC's ErrorInfo and in journals.
 */

/** Numbers of gRPC statuses (grpc.status in @grpc/grpc-js), so that this file needs no gRPC. */
const GRPC = {
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
  CANCELLED: 1,
} as const;

type Entry = readonly [http: number, grpc: number, hint: string];

export const ERRORS = {
  // Photos
  EMPTY_PHOTO: [422, GRPC.INVALID_ARGUMENT, 'The file has no bytes. Take or send the photo again.'],
  NOT_AN_IMAGE: [415, GRPC.INVALID_ARGUMENT, 'Send a JPEG, PNG, WebP or HEIC photo.'],
  TRUNCATED_PHOTO: [422, GRPC.INVALID_ARGUMENT, 'The file ends early. Send it again, whole.'],
  PHOTO_TOO_LARGE: [413, GRPC.INVALID_ARGUMENT, 'Send a smaller file, or raise the byte limit.'],
  TOO_MANY_PIXELS: [413, GRPC.INVALID_ARGUMENT, 'Send a smaller photo, or raise the pixel limit.'],
  UNDECODABLE_PHOTO: [
    422,
    GRPC.INVALID_ARGUMENT,
    'The photo is kept but cannot be read. Take it again.',
  ],
  CHECKSUM_MISMATCH: [
    422,
    GRPC.INVALID_ARGUMENT,
    'The bytes are not those announced. Send them again.',
  ],
  PHOTO_NOT_IN_STORE: [409, GRPC.FAILED_PRECONDITION, 'Ask for a grant and put the bytes first.'],
  LOCATION_CONFLICT: [
    409,
    GRPC.FAILED_PRECONDITION,
    'The photo has another place. Change it by PUT.',
  ],
  // Requests
  INVALID_INPUT: [400, GRPC.INVALID_ARGUMENT, 'Correct the named field.'],
  UNSUPPORTED_MEDIA_TYPE: [415, GRPC.INVALID_ARGUMENT, 'Send one of the media types named.'],
  NOT_FOUND: [404, GRPC.NOT_FOUND, 'Check the id; it may belong to another organisation.'],
  ALREADY_EXISTS: [409, GRPC.ALREADY_EXISTS, 'Use the existing one or choose another code.'],
  CONFLICT: [409, GRPC.ABORTED, 'Read it again and repeat the change.'],
  TOO_MANY_REQUESTS: [429, GRPC.RESOURCE_EXHAUSTED, 'Wait as long as Retry-After says.'],
  NOT_OFFERED: [501, GRPC.UNIMPLEMENTED, 'This server does not do that; docs/protocols.md.'],
  // Who
  UNAUTHENTICATED: [401, GRPC.UNAUTHENTICATED, 'Send a valid token.'],
  PERMISSION_DENIED: [
    403,
    GRPC.PERMISSION_DENIED,
    'Ask an administrator for the permission named.',
  ],
  ISSUER_UNAVAILABLE: [503, GRPC.UNAVAILABLE, 'The identity provider does not answer. Try again.'],
  EDGE_REVOKED: [
    401,
    GRPC.UNAUTHENTICATED,
    'The box keeps its photos. Give it a new code, and enrol it again.',
  ],
  CLOCK_SKEWED: [401, GRPC.UNAUTHENTICATED, 'Sign again by the time in server_time.'],
  CSRF_REJECTED: [403, GRPC.PERMISSION_DENIED, 'Reload the page and try again.'],
  // Places and stock
  PLACE_OUTSIDE_PARENT: [422, GRPC.INVALID_ARGUMENT, 'Draw the polygon inside its parent.'],
  INVALID_GEOMETRY: [422, GRPC.INVALID_ARGUMENT, 'Send a closed, simple GeoJSON polygon, lon lat.'],
  PRODUCT_MISMATCH: [400, GRPC.INVALID_ARGUMENT, 'Use the product configured for the place.'],
  PACKAGING_MISMATCH: [400, GRPC.INVALID_ARGUMENT, 'Use the packaging configured for the place.'],
  STOCK_BELOW_ZERO: [
    409,
    GRPC.FAILED_PRECONDITION,
    'The batch holds fewer plants. Check quantity.',
  ],
  ZERO_QUANTITY: [400, GRPC.INVALID_ARGUMENT, 'A movement is never 0.'],
  PROPOSAL_DECIDED: [409, GRPC.FAILED_PRECONDITION, 'The proposal was decided already.'],
  // Work
  NO_PIPELINE: [503, GRPC.UNAVAILABLE, 'Start an inference server with a plants model.'],
  MODEL_UNAVAILABLE: [503, GRPC.UNAVAILABLE, 'The health report says why the model is not ready.'],
  MODEL_MISMATCH: [409, GRPC.FAILED_PRECONDITION, 'The server holds another file under this name.'],
  MODEL_INVALID: [422, GRPC.FAILED_PRECONDITION, 'Correct the model file or its manifest.'],
  MODEL_MEMORY_FULL: [
    507,
    GRPC.RESOURCE_EXHAUSTED,
    'Unload or unpin a model, or give the server more memory.',
  ],
  INFERENCE_FAILED: [500, GRPC.INTERNAL, 'The photo is tried again elsewhere.'],
  CANCELLED: [409, GRPC.CANCELLED, 'The work was withdrawn.'],
  DEADLINE_EXCEEDED: [504, GRPC.DEADLINE_EXCEEDED, 'Try again; it took too long.'],
  DRAINING: [503, GRPC.UNAVAILABLE, 'The service is stopping; another one answers.'],
  // Resources
  STORAGE_FULL: [
    507,
    GRPC.RESOURCE_EXHAUSTED,
    'Free space on the disk; keep the photo on the camera.',
  ],
  STORAGE_FAILED: [503, GRPC.UNAVAILABLE, 'The disk failed. Keep the photo and call for help.'],
  TOO_MANY_OPEN_FILES: [
    503,
    GRPC.UNAVAILABLE,
    'Keep the photo and send it again soon. If it stays so, raise the limit of open files.',
  ],
  DATABASE_UNAVAILABLE: [503, GRPC.UNAVAILABLE, 'Nothing was changed. Try again.'],
  OBJECT_STORE_UNAVAILABLE: [503, GRPC.UNAVAILABLE, 'Nothing was changed. Try again.'],
  SCHEMA_UNKNOWN: [503, GRPC.FAILED_PRECONDITION, 'Run `demeter migrate up` of this version.'],
  DATA_FOLDER_IN_USE: [409, GRPC.FAILED_PRECONDITION, 'Another program works on this data folder.'],
  GPU_IN_USE: [409, GRPC.FAILED_PRECONDITION, 'Another process holds this GPU.'],
  // Start
  UNKNOWN_SETTING: [500, GRPC.FAILED_PRECONDITION, 'Remove it or correct its name.'],
  INVALID_SETTING: [500, GRPC.FAILED_PRECONDITION, 'Correct the value.'],
  INTERNAL: [500, GRPC.INTERNAL, 'Look in the log for the correlation id.'],
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof ERRORS;

export interface AppErrorOptions {
  /** The offending field, in the caller's spelling. */
  readonly field?: string;
  /** Overrides the list's hint. */
  readonly hint?: string;
  /** Seconds after which another try may succeed. */
  readonly retryAfterSeconds?: number;
  /** More for the caller, e.g. the stored location of a conflict. No internals. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An error that may be shown: `message` and `details` carry no internals. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly field: string | undefined;
  readonly hint: string;
  readonly retryAfterSeconds: number | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: AppErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.field = options.field;
    this.hint = options.hint ?? ERRORS[code][2];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.details = options.details ?? {};
  }

  get httpStatus(): number {
    return ERRORS[this.code][0];
  }

  get grpcStatus(): number {
    return ERRORS[this.code][1];
  }
}

/** True for a code of the list, e.g. one that came over the wire. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

/** What is shown of any error: an AppError as it is, all else as INTERNAL without its message. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('INTERNAL', 'Something went wrong here.', { cause: error });
}

/** RFC 9457 problem document. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly hint: string;
  readonly field?: string;
  readonly correlation_id?: string;
  readonly [detail: string]: unknown;
}

/** The body of an `application/problem+json` answer. */
export function toProblem(error: AppError, correlationId?: string): Problem {
  return {
    ...error.details,
    type: `/errors/${error.code}`,
    title: error.code.toLowerCase().replaceAll('_', ' '),
    status: error.httpStatus,
    code: error.code,
    detail: error.message,
    hint: error.hint,
    ...(error.field === undefined ? {} : { field: error.field }),
    ...(correlationId === undefined ? {} : { correlation_id: correlationId }),
  };
}
