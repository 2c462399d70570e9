/**
 * What gRPC's `grpc-status-details-bin` carries: a google.rpc.Status with one google.rpc.ErrorInfo,
 * and a RetryInfo where another try makes sense later; described here by their field numbers
 * (https://google.aip.dev/193).
 */
import { Field, MapField, Root, Type } from 'protobufjs/light';

/** Name of the trailing metadata entry. */
export const ERROR_DETAILS_KEY = 'grpc-status-details-bin';
/** Who gives `reason` its meaning. */
const DOMAIN = 'demeter';
const ERROR_INFO_URL = 'type.googleapis.com/google.rpc.ErrorInfo';
const RETRY_INFO_URL = 'type.googleapis.com/google.rpc.RetryInfo';

export interface ErrorInfo {
  /** A code of the closed list in common/src/errors.ts. */
  readonly reason: string;
  /** `hint`, `field`: those that there are. */
  readonly metadata: Readonly<Record<string, string>>;
  /** When another try may succeed; not there: at once, or never. */
  readonly retryAfterMs?: number;
}

export interface StatusWithInfo extends ErrorInfo {
  /** gRPC's status number. */
  readonly code: number;
  readonly message: string;
}

const Any = new Type('Any')
  .add(new Field('type_url', 1, 'string'))
  .add(new Field('value', 2, 'bytes'));
const Status = new Type('Status')
  .add(new Field('code', 1, 'int32'))
  .add(new Field('message', 2, 'string'))
  .add(new Field('details', 3, 'Any', 'repeated'));
const Info = new Type('ErrorInfo')
  .add(new Field('reason', 1, 'string'))
  .add(new Field('domain', 2, 'string'))
  .add(new MapField('metadata', 3, 'string', 'string'));
const Duration = new Type('Duration')
  .add(new Field('seconds', 1, 'int64'))
  .add(new Field('nanos', 2, 'int32'));
const Retry = new Type('RetryInfo').add(new Field('retry_delay', 1, 'Duration'));
new Root().add(Any).add(Status).add(Info).add(Duration).add(Retry);

export function encodeErrorDetails(status: StatusWithInfo): Buffer {
  const { code, message, reason, metadata, retryAfterMs } = status;
  const value = Info.encode({ reason, domain: DOMAIN, metadata }).finish();
  const details = [{ type_url: ERROR_INFO_URL, value }];
  if (retryAfterMs !== undefined) {
    const seconds = Math.floor(retryAfterMs / 1000);
    const retry_delay = { seconds, nanos: Math.round((retryAfterMs - seconds * 1000) * 1e6) };
    details.push({ type_url: RETRY_INFO_URL, value: Retry.encode({ retry_delay }).finish() });
  }
  return Buffer.from(Status.encode({ code, message, details }).finish());
}

/** Undefined where there is no ErrorInfo in it, or it is none of ours, or not readable. */
export function decodeErrorDetails(bytes: Uint8Array): StatusWithInfo | undefined {
  try {
    const { code, message, details } = Status.toObject(Status.decode(bytes), {
      defaults: true,
    }) as { code: number; message: string; details?: { type_url: string; value: Uint8Array }[] };
    const any = details?.find(({ type_url }) => type_url === ERROR_INFO_URL);
    if (!any) return undefined;
    const { reason, domain, metadata } = Info.toObject(Info.decode(any.value), {
      defaults: true,
      objects: true,
    }) as { reason: string; domain: string; metadata: Record<string, string> };
    if (domain !== DOMAIN) return undefined;
    const retryAfterMs = decodeRetry(details?.find(({ type_url }) => type_url === RETRY_INFO_URL));
    return {
      code,
      message,
      reason,
      metadata,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  } catch {
    return undefined;
  }
}

function decodeRetry(any: { readonly value: Uint8Array } | undefined): number | undefined {
  if (!any) return undefined;
  const { retry_delay: delay } = Retry.toObject(Retry.decode(any.value), {
    defaults: true,
    longs: Number,
  }) as { retry_delay: { seconds: number; nanos: number } | null };
  return delay === null ? undefined : delay.seconds * 1000 + delay.nanos / 1e6;
}
