/** For tests. */
import { AppError } from '@demeter/common/errors';
import { toGrpcStatus } from '@demeter/common/grpc-status';
import {
  demeterV1,
  type HealthReport,
  type MeshHandlers,
  type ModelStatus,
  type ModelsHandlers,
  type Photo__Output,
  type UploadHeader,
  type WorkRequest__Output,
  type WorkResponse,
} from '@demeter/proto';
import { ERROR_DETAILS_KEY } from '@demeter/proto/error-details';
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js';

export type Stream = ServerDuplexStream<WorkRequest__Output, WorkResponse>;

/** An inference server that does what a test says, over real gRPC. */
export class ScriptedServer {
  readonly #server = new Server();
  readonly received: WorkRequest__Output[] = [];
  readonly tokens: string[] = [];
  streams: Stream[] = [];
  report: HealthReport = {
    server_id: 'scripted',
    ready: true,
    models: [{ name: 'plants', version: '1', digest: Buffer.alloc(32, 1), state: 'STATE_READY' }],
  };
  id = 'scripted';
  /** Of its process. */
  epoch = 'e';
  /** Given with the hello. */
  credits = 0;
  greets = true;
  /** What it does with a photo; nothing, unless a test says. */
  onPhoto: ((photo: Photo__Output, stream: Stream) => void) | undefined;
  /** What was asked of its models, in words. */
  readonly asked: string[] = [];
  /** Refuses the next load with this code. */
  refusesLoad: string | undefined;
  readonly uploads: { readonly header: UploadHeader; readonly bytes: Buffer }[] = [];
  readonly #watches: ServerWritableStream<object, { report: HealthReport }>[] = [];
  /** Watches of its health that were opened. */
  watched = 0;

  constructor() {
    const handlers: MeshHandlers = {
      Work: (stream) => {
        this.streams.push(stream);
        this.tokens.push(String(stream.metadata.get('authorization')[0] ?? ''));
        stream.on('data', (request: WorkRequest__Output) => {
          this.received.push(request);
          if (request.photo) this.onPhoto?.(request.photo, stream);
          if (request.hello && this.greets) {
            stream.write({ hello: { server_id: this.id, epoch: this.epoch, protocol_version: 1 } });
            if (this.credits > 0) stream.write({ credit: { photos: this.credits } });
          }
        });
        stream.on('error', () => {});
        stream.on('end', () => stream.end());
      },
      GetHealthReport: (_, callback) => callback(null, { report: this.report }),
      WatchHealthReport: (call) => {
        this.watched++;
        this.#watches.push(call);
        call.write({ report: this.report });
      },
    };
    this.#server.addService(demeterV1.Mesh.service, handlers);
    this.#server.addService(demeterV1.Models.service, this.#models());
  }

  /** Changes what it says of a model and tells whoever watches. */
  setModel(name: string, version: string, change: ModelStatus): void {
    const model = this.report.models?.find((one) => one.name === name && one.version === version);
    if (model) Object.assign(model, change);
    else this.report.models = [...(this.report.models ?? []), { name, version, ...change }];
    for (const call of this.#watches) call.write({ report: this.report });
  }

  /** Ends the watches of its health, and nothing else. */
  breakWatches(): void {
    const broken = { code: status.UNAVAILABLE, details: 'broken' };
    for (const call of this.#watches.splice(0)) call.emit('error', broken);
  }

  #models(): ModelsHandlers {
    return {
      ListModels: (_, callback) => callback(null, { models: this.report.models ?? [] }),
      LoadModel: ({ request: { name, version, pin } }, callback) => {
        this.asked.push(`load ${name}/${version}${pin ? ' pinned' : ''}`);
        if (this.refusesLoad !== undefined) {
          const details = `${this.refusesLoad}: There is no room for it.`;
          return callback({ code: status.RESOURCE_EXHAUSTED, details });
        }
        this.setModel(name, version, { state: 'STATE_READY', pinned: pin });
        callback(null, {});
      },
      UnloadModel: ({ request: { name, version } }, callback) => {
        this.asked.push(`unload ${name}/${version}`);
        this.setModel(name, version, { state: 'STATE_UNLOADED' });
        callback(null, {});
      },
      PinModel: ({ request: { name, version, pinned } }, callback) => {
        this.asked.push(`${pinned ? 'pin' : 'unpin'} ${name}/${version}`);
        this.setModel(name, version, { pinned });
        callback(null, {});
      },
      RemoveModel: ({ request: { name, version } }, callback) => {
        this.asked.push(`remove ${name}/${version}`);
        const found = this.report.models?.find(
          (model) => model.name === name && model.version === version,
        );
        if (found?.state !== 'STATE_READY') return callback(null, {});
        const message = `${name}/${version} is in memory.`;
        const refusal = new AppError('CONFLICT', message, { hint: 'Unload it first.' });
        const { code, details, errorDetails } = toGrpcStatus(refusal);
        const metadata = new Metadata();
        metadata.set(ERROR_DETAILS_KEY, errorDetails);
        callback({ code, details, metadata });
      },
      UploadModel: (call, callback) => {
        const chunks: Buffer[] = [];
        let header: UploadHeader = {};
        call.on('data', (request) => {
          if (request.header) header = request.header;
          else if (request.chunk) chunks.push(request.chunk);
        });
        call.on('end', () => {
          this.uploads.push({ header, bytes: Buffer.concat(chunks) });
          const state = header.load ? 'STATE_READY' : 'STATE_UNLOADED';
          const digest = header.sha256 ?? Buffer.alloc(32);
          this.setModel(String(header.name), String(header.version), { state, digest });
          callback(null, {});
        });
      },
    };
  }

  async listen(port = 0): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#server.bindAsync(
      `127.0.0.1:${port}`,
      ServerCredentials.createInsecure(),
      (error, bound) => (error ? reject(error) : resolve(bound)),
    );
    return await promise;
  }

  get stream(): Stream {
    const stream = this.streams.at(-1);
    if (!stream) throw new Error('nobody has called');
    return stream;
  }

  photos(): string[] {
    return this.received.flatMap((request) => (request.photo ? [request.photo.work_id] : []));
  }

  stop(): void {
    this.#server.forceShutdown();
  }
}

/** Answers a photo with so many plants, and gives its credit back. */
export function answer(photo: Photo__Output, stream: Stream, detected: number): void {
  const { work_id, sha256 } = photo;
  const objects = Array.from({ length: detected }, (_, i) => i);
  stream.write({
    result: {
      work_id,
      sha256,
      width: 100,
      height: 100,
      provider: 'cpu',
      server_id: 'scripted',
      tiles: 4,
      timings: { decode_ms: 100, inference_ms: 500 },
      detections: {
        boxes: objects.flatMap((i) => [i, i, i + 5, i + 5]),
        confidences: objects.map(() => 0.9),
        class_ids: objects.map(() => 0),
        class_names: ['plant'],
      },
    },
  });
  stream.write({ credit: { photos: 1 } });
}
