/** For tests. */
import {
  demeterV1,
  type HealthReport,
  type MeshHandlers,
  type Photo__Output,
  type WorkRequest__Output,
  type WorkResponse,
} from '@demeter/proto';
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';

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
  /** Given with the hello. */
  credits = 0;
  greets = true;
  /** What it does with a photo; nothing, unless a test says. */
  onPhoto: ((photo: Photo__Output, stream: Stream) => void) | undefined;

  constructor() {
    const handlers: MeshHandlers = {
      Work: (stream) => {
        this.streams.push(stream);
        this.tokens.push(String(stream.metadata.get('authorization')[0] ?? ''));
        stream.on('data', (request: WorkRequest__Output) => {
          this.received.push(request);
          if (request.photo) this.onPhoto?.(request.photo, stream);
          if (request.hello && this.greets) {
            stream.write({ hello: { server_id: this.id, epoch: 'e', protocol_version: 1 } });
            if (this.credits > 0) stream.write({ credit: { photos: this.credits } });
          }
        });
        stream.on('error', () => {});
        stream.on('end', () => stream.end());
      },
      GetHealthReport: (_, callback) => callback(null, { report: this.report }),
      WatchHealthReport: (call) => call.write({ report: this.report }),
    };
    this.#server.addService(demeterV1.Mesh.service, handlers);
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
