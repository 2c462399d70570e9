import { newId } from '@demeter/common/ids';
import { createAdopter } from './adopter.ts';
import { authenticate } from './auth/authenticate.ts';
import { createOidcVerifier } from './auth/oidc.ts';
import type { CoreContext } from './context.ts';
import { Dispatcher } from './mesh/dispatcher.ts';
import { ModelLoader } from './mesh/loader.ts';
import { Mesh } from './mesh/mesh.ts';
import { createMeshMetrics } from './mesh/metrics.ts';
import { Registry } from './mesh/registry.ts';
import { Sender } from './mesh/sender.ts';
import { RolloutKeeper } from './models/rollout-keeper.ts';
import { noteFailedRead } from './originals/missing.ts';
import { publishPhoto } from './photos/photo-event.ts';
import { PhotoEye } from './photos/photo-eye.ts';
import { photoLimits } from './photos/stage-photo.ts';
import { ActivePipelineStore } from './pipelines/active-pipeline.ts';
import { keepPhoto } from './reprocess/keep-photo.ts';
import { OwnPhotos } from './reprocess/own-photos.ts';
import { Reprocessor } from './reprocess/reprocessor.ts';
import { channelCredentials, openCertificates } from './rpc/credentials.ts';
import { reprocessHandlers } from './rpc/reprocess.ts';
import { startRpcServer } from './rpc/server.ts';
import { Drawer } from './runs/drawer.ts';
import { createRunMetrics } from './runs/metrics.ts';
import { ensurePartitions } from './runs/partitions.ts';
import { createRunHandler } from './runs/run-handler.ts';
import { countBooking } from './stock/book-waiting.ts';

/** Everything that turns queued photos into counts; made beside the REST API by service.ts. */
export interface Counting {
  readonly mesh: Mesh;
  readonly pipelines: ActivePipelineStore;
  readonly rollouts: RolloutKeeper;
  readonly reprocessor: Reprocessor;
  /** Photos were queued: look at once. */
  wake(): void;
  /** Connects to servers and begins to count. Answers the gRPC address, host:port. */
  start(): Promise<string>;
  /** Finishes what is under way. */
  stop(): Promise<void>;
}

const PARTITIONS_EVERY_MS = 6 * 3_600_000;
/** Certificates that were replaced on disk are in use so much later. */
const CERTIFICATES_EVERY_MS = 10_000;

/** Throws INVALID_SETTING. */
export async function createCounting(context: CoreContext): Promise<Counting> {
  const { values, log, clock, db, events, redis, organisationId } = context;
  const coreId = newId();
  const token = values.DEMETER_GRPC_TOKEN;
  const certificates = openCertificates(values, log);
  const registry = new Registry(redis, clock, organisationId);
  const mesh = new Mesh({
    coreId,
    log,
    clock,
    registry,
    staticServers: values.DEMETER_INFERENCE_SERVERS,
    credentials: channelCredentials(values, certificates),
    ...(token === undefined ? {} : { token }),
  });
  const pipelines = new ActivePipelineStore({
    db,
    organisationId,
    log,
    plantsModel: values.DEMETER_PLANTS_MODEL,
    tiling: values.DEMETER_TILING,
  });
  const eye = new PhotoEye();
  const onDrawn = (organisation: string, sha256: Buffer) =>
    void publishPhoto(context, organisation, sha256);
  const onFailed = (organisation: string, sha256: Buffer, error: unknown) =>
    noteFailedRead(context, organisation, sha256, error);
  const drawer = new Drawer({ ...context, onDrawn, onFailed }, eye);
  const metrics = createRunMetrics(context, context.metrics.registry);
  const choosing = { mesh, clock, log, metrics: createMeshMetrics(context.metrics.registry) };
  const sender = new Sender(choosing);
  const loader = new ModelLoader(choosing);
  const photoDeadlineMs = values.DEMETER_PHOTO_DEADLINE_SECONDS * 1000;
  const own = new OwnPhotos({
    ...{ mesh, sender, clock, photoDeadlineMs },
    load: (need) => loader.want(need, { evict: true }),
    limits: photoLimits(values),
    onWaiting: () => dispatcher.wake(),
  });
  const dispatcher = new Dispatcher({
    coreId,
    db,
    log,
    mesh,
    registry,
    sender,
    loader,
    held: own,
    handler: createRunHandler({
      ...{ context, eye, pipelines, drawer, metrics },
      onBeside: () => reprocessor.wake(),
    }),
    leaseMs: values.DEMETER_LEASE_SECONDS * 1000,
    photoDeadlineMs,
  });
  const wake = () => {
    dispatcher.wake();
    events.publish({ type: 'wake' });
  };
  const reprocessor = new Reprocessor({
    context,
    onQueued: wake,
    onPromoted: (sha256, booking) => {
      countBooking(context, booking);
      void publishPhoto(context, organisationId, sha256);
      drawer.wake();
    },
  });
  const rollouts = new RolloutKeeper({ context, pipelines, wake });
  const ends: (() => Promise<void> | void)[] = [];
  return {
    mesh,
    pipelines,
    rollouts,
    reprocessor,
    wake,
    start: async () => {
      const adopter = createAdopter({ ...context, mesh, pipelines, wake });
      ends.push(mesh.onChange(adopter.look), adopter.stop);
      ends.push(
        events.subscribe((event) => {
          if (event.type === 'wake') dispatcher.wake();
        }),
      );
      const partitions = () =>
        ensurePartitions(db, new Date(clock.now())).catch((error: unknown) =>
          log.error({ err: error }, 'partitions of detections were not made'),
        );
      await partitions();
      const timer = setInterval(partitions, PARTITIONS_EVERY_MS);
      ends.push(() => clearInterval(timer));
      const renewal = setInterval(() => certificates?.refresh(), CERTIFICATES_EVERY_MS);
      ends.push(() => clearInterval(renewal));
      const oidc = createOidcVerifier(values);
      const offered = () =>
        mesh.connected().flatMap((endpoint) => {
          const { models, loading, unloaded } = endpoint.view();
          return [...models, ...loading, ...unloaded];
        });
      const rpc = await startRpcServer({
        values,
        certificates,
        log,
        announce: (server) => mesh.announce(server),
        authenticate: (request, address) => authenticate(context, oidc, request, address),
        reprocess: reprocessHandlers({
          ...{ ...context, pipelines, offered, reprocessor, own },
          keep: (photo, caller) => keepPhoto({ context, pipelines, wake }, photo, caller),
        }),
      });
      ends.push(() => rpc.stop());
      mesh.start();
      dispatcher.start();
      reprocessor.start();
      rollouts.start();
      drawer.start();
      return rpc.address;
    },
    stop: async () => {
      await rollouts.stop();
      await reprocessor.stop();
      await dispatcher.stop();
      await mesh.stop();
      await drawer.stop();
      for (const end of ends) await end();
      eye.close();
    },
  };
}
