import {
  demeterV1,
  type HealthReport,
  type MeshHandlers,
  type WorkRequest__Output,
  type WorkResponse,
} from '@demeter/proto';
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';

type Stream = ServerDuplexStream<WorkRequest__Output, WorkResponse>;
type PhotoMessage = NonNullable<WorkRequest__Output['photo']>;

export const DIGEST = Buffer.alloc(32, 7);

/** An inference server over real gRPC that answers photos as a test says. */
export class ScriptedInference {
  readonly #server = new Server();
  readonly photos: PhotoMessage[] = [];
  readonly tokens: string[] = [];
  report: HealthReport = {
    server_id: 'scripted',
    ready: true,
    models: [
      { name: 'plants', version: '3', role: 'plants', digest: DIGEST, state: 'STATE_READY' },
    ],
  };
  onPhoto: (photo: PhotoMessage, stream: Stream) => void = () => {};

  async start(): Promise<string> {
    const handlers: MeshHandlers = {
      GetHealthReport: (call, callback) => {
        this.tokens.push(String(call.metadata.get('authorization')[0] ?? ''));
        callback(null, { report: this.report });
      },
      Work: (stream) => {
        stream.on('data', ({ hello, photo }: WorkRequest__Output) => {
          if (hello) {
            stream.write({ hello: { server_id: 'scripted', epoch: 'e', protocol_version: 1 } });
            stream.write({ credit: { photos: 4 } });
          }
          if (photo) {
            this.photos.push(photo);
            this.onPhoto(photo, stream);
          }
        });
        stream.on('end', () => stream.end());
        stream.on('error', () => {});
      },
      WatchHealthReport: (stream) => stream.end(),
    };
    this.#server.addService(demeterV1.Mesh.service, handlers);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
    return `127.0.0.1:${await promise}`;
  }

  stop(): void {
    this.#server.forceShutdown();
  }
}
