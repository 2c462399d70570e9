/**
 * What gRPC's `grpc-status-details-bin` carries: a google.rpc.Status with one google.rpc.ErrorInfo,
 * described here by its field numbers (https://google.aip.dev/193).
 */
import { Field, MapField, Root, Type } from 'protobufjs/light';

/** Name of the trailing metadata entry. */
export const ERROR_DETAILS_KEY = 'grpc-status-details-bin';
/** Who gives `reason` its meaning. */
const DOMAIN = 'demeter';
const ERROR_INFO_URL = 'type.googleapis.com/google.rpc.ErrorInfo';

export interface ErrorInfo {
  /** A code of the closed list in common/src/errors.ts. */
  readonly reason: string;
  /** `hint`, `field`, `retry_after_seconds`: those that there are. */
  readonly metadata: Readonly<Record<string, string>>;
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
new Root().add(Any).add(Status).add(Info);

export function encodeErrorDetails({ code, message, reason, metadata }: StatusWithInfo): Buffer {
  const value = Info.encode({ reason, domain: DOMAIN, metadata }).finish();
  const details = [{ type_url: ERROR_INFO_URL, value }];
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
    return domain === DOMAIN ? { code, message, reason, metadata } : undefined;
  } catch {
    return undefined;
  }
}
