import { AppError, isErrorCode } from '@demeter/common/errors';
import type { HealthReport__Output, MeshClient, Result__Output } from '@demeter/proto';
import { demeterV1 } from '@demeter/proto';
import { credentials, Metadata } from '@grpc/grpc-js';
import { TRIAL_PICTURE } from './trial-picture.ts';

/**
 * Counting by the inference process beside this edge, over demeter.v1.Mesh on loopback. A stream is
 * opened for each photo: photos come seconds apart, and what is not kept open cannot hang.
 */

const PROTOCOL_VERSION = 1;
const ROLE = 'plants';
const REPORT_MS = 5_000;
/** A 100-megapixel photo in tiles on the processor of a small box. */
const COUNT_MS = 120_000;
/** The centre's own work, where a server serves both, goes first: 0 is live, 1 is bulk. */
const LANE = 1;
const RESULT_BYTES_MAX = 64 * 1024 * 1024;
/** Failures that are the model's, though another time it may serve. */
const OF_MODEL = ['MODEL_UNAVAILABLE', 'MODEL_MISMATCH', 'MODEL_MEMORY_FULL', 'INFERENCE_FAILED'];

export interface CountServerConfig {
  /** host:port on loopback. */
  readonly address: string;
  readonly token: string | undefined;
}

export interface MeshCountingOptions extends CountServerConfig {
  /** Model name → versions that go before those that the server would take, the best first. */
  readonly preferred: () => Readonly<Record<string, readonly string[]>>;
}

export interface PhotoToCount {
  readonly sha256: string;
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly correlationId: string;
}

export interface BoxCount {
  readonly count: number;
  /** `name/version`. */
  readonly model: string;
}

/** The server cannot be asked now: away, full or without a model. Another time it may answer. */
export class CountServerAway extends Error {}
/** It answers, but this model does not serve. */
export class ModelNotServed extends CountServerAway {}
/** It ended, or said nothing in time, over this photo: perhaps because of it. */
export class CountLost extends CountServerAway {}

export interface Counting {
  /** Throws CountServerAway; AppError with the server's code where it cannot count this photo. */
  count(photo: PhotoToCount, signal: AbortSignal): Promise<BoxCount>;
  close(): void;
}

export class MeshCounting implements Counting {
  readonly #client: MeshClient;
  readonly #metadata = new Metadata();

  constructor(private readonly options: MeshCountingOptions) {
    const { address, token } = options;
    if (token) this.#metadata.set('authorization', `Bearer ${token}`);
    this.#client = new demeterV1.Mesh(address, credentials.createInsecure(), {
      'grpc.max_receive_message_length': RESULT_BYTES_MAX,
      'grpc.max_send_message_length': -1,
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  async count(photo: PhotoToCount, signal: AbortSignal): Promise<BoxCount> {
    const model = chooseModel(await this.#report(), this.options.preferred());
    const result = await this.#work(photo, model, signal);
    return {
      count: result.detections?.confidences.length ?? 0,
      model: `${model.name}/${model.version}`,
    };
  }

  /**
   * Counts a small picture with this very model. Throws ModelNotServed, CountServerAway; AppError
   * where the server says that it never can.
   */
  async tryModel(
    { name, version }: { readonly name: string; readonly version: string },
    signal: AbortSignal,
  ): Promise<void> {
    const { models } = await this.#ask();
    const model = models.find((one) => one.name === name && one.version === version);
    if (!model) {
      const folder = 'is the folder that models are pulled into in its MODEL_DIR?';
      throw new ModelNotServed(`it does not see that version: ${folder}`);
    }
    if (model.state === 'STATE_UNAVAILABLE') throw new AppError('MODEL_INVALID', model.reason);
    await this.#work(TRIAL_PICTURE, model, signal);
  }

  close(): void {
    this.#client.close();
  }

  async #report(): Promise<HealthReport__Output> {
    const report = await this.#ask();
    if (!report.ready) throw new CountServerAway('the server is not ready');
    return report;
  }

  #ask(): Promise<HealthReport__Output> {
    const { promise, resolve, reject } = Promise.withResolvers<HealthReport__Output>();
    const deadline = Date.now() + REPORT_MS;
    this.#client.GetHealthReport({}, this.#metadata, { deadline }, (error, answer) => {
      if (error) reject(new CountServerAway(error.message));
      else if (!answer?.report) reject(new CountServerAway('the server says nothing of itself'));
      else resolve(answer.report);
    });
    return promise;
  }

  #work(photo: PhotoToCount, model: OfferedModel, signal: AbortSignal): Promise<Result__Output> {
    const { promise, resolve, reject } = Promise.withResolvers<Result__Output>();
    const stream = this.#client.Work(this.#metadata, { deadline: Date.now() + COUNT_MS });
    const cancel = () => stream.cancel();
    let sent = false;
    signal.addEventListener('abort', cancel, { once: true });
    const settled = promise.finally(() => {
      signal.removeEventListener('abort', cancel);
      // The server ends a stream whose other side has ended, once all is answered.
      stream.end();
    });
    const lose = (why: string) => reject(sent ? new CountLost(why) : new CountServerAway(why));
    stream.on('error', (error) => lose(error.message));
    stream.on('end', () => lose('the server ended the stream'));
    stream.on('data', (response) => {
      if (response.credit && !sent) {
        sent = true;
        stream.write({ photo: toMessage(photo, model) });
      } else if (response.result) resolve(response.result);
      else if (response.failure) reject(toError(response.failure));
      else if (response.hand_back || response.drain) {
        reject(new CountServerAway('the server takes nothing now'));
      }
    });
    stream.write({ hello: { core_id: 'edge', protocol_version: PROTOCOL_VERSION } });
    if (signal.aborted) stream.cancel();
    return settled;
  }
}

type OfferedModel = HealthReport__Output['models'][number];

/** The preferred version; else the one that answers where none is named, or any that is loaded. */
function chooseModel(
  { models }: HealthReport__Output,
  preferred: ReturnType<MeshCountingOptions['preferred']>,
): OfferedModel {
  const usable = models.filter(
    ({ role, state }) => role === ROLE && (state === 'STATE_READY' || state === 'STATE_UNLOADED'),
  );
  const wanted = Object.entries(preferred).flatMap(([name, versions]) =>
    versions.flatMap((version) =>
      usable.filter((one) => one.name === name && one.version === version),
    ),
  );
  const ready = usable.filter(({ state }) => state === 'STATE_READY');
  const byItself = usable.find((one) => one.default_version);
  const model = wanted[0] ?? byItself ?? ready[0] ?? usable[0];
  if (!model) throw new CountServerAway(`the server offers no model for ${ROLE}`);
  return model;
}

function toMessage(photo: PhotoToCount, { role, name, version, digest }: OfferedModel) {
  return {
    work_id: photo.sha256,
    sha256: Buffer.from(photo.sha256, 'hex'),
    content: photo.bytes,
    media_type: photo.mediaType,
    pipeline: { models: [{ role, name, version, digest }] },
    deadline_ms: COUNT_MS,
    lane: LANE,
    correlation_id: photo.correlationId,
  };
}

function toError({ code, message, retryable }: FailureAnswer): Error {
  if (OF_MODEL.includes(code)) return new ModelNotServed(message);
  if (retryable || !isErrorCode(code)) return new CountServerAway(message);
  return new AppError(code, message);
}

interface FailureAnswer {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}
