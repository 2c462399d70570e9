import { hostname } from 'node:os';
import { newId } from '@demeter/common/ids';
import type { Lifecycle } from '@demeter/common/lifecycle';
import type { Logger } from '@demeter/common/logger';
import { startTelemetry } from '@demeter/common/telemetry';
import { demeterV1, openInference } from '@demeter/proto';
import packageJson from '../package.json' with { type: 'json' };
import type { InferenceConfig } from './config.ts';
import { Events } from './events.ts';
import { whyHanging } from './hanging.ts';
import { createHealthReport } from './health-report.ts';
import { serveMonitor } from './http/monitor.ts';
import { acquireGpuLock } from './model/gpu-lock.ts';
import { openMemory } from './model/memory.ts';
import type { ModelSpec } from './model/model-spec.ts';
import { openNvml } from './model/nvml.ts';
import { chooseProviders } from './model/providers.ts';
import type { Provider } from './model/session-protocol.ts';
import { Strangers } from './model/strangers.ts';
import { Readiness } from './readiness.ts';
import { addReportMetrics } from './report-metrics.ts';
import { createShelf } from './residency/create-shelf.ts';
import type { Shelf } from './residency/shelf.ts';
import { Uploads } from './residency/uploads.ts';
import { announce } from './rpc/announcer.ts';
import { HealthStates } from './rpc/health-states.ts';
import { Mesh } from './rpc/mesh.ts';
import { modelsHandlers } from './rpc/models.ts';
import { Admission } from './rpc/open-inference/admission.ts';
import { openInferenceHandlers } from './rpc/open-inference/service.ts';
import { addReflection } from './rpc/reflection.ts';
import { GrpcServer } from './rpc/server.ts';
import { countWork } from './work/count-work.ts';
import { PhotoQueue } from './work/photo-queue.ts';

/** One is inferred while the next is decoded. */
const PHOTOS_ACTIVE_MAX = 2;
/** Leaves time to unload the models within the 30 s that stopping may take. */
const DRAIN_MS = 25_000;
/** A core ends its stream when it has read Drain and all its answers; one that does not is left. */
const GOODBYE_MS = 2_000;
/** A hang is no event: it shows only to who looks. */
const LOOK_MS = 1_000;

/** What a server is told by the program that starts it; nothing of it comes from settings. */
export interface ServiceOptions {
  /** Lives of this server's slot before this one, as its supervisor counts them. */
  readonly restarts?: number;
  /**
   * Set where another server still holds the address: called when the models have been loaded,
   * resolves when the address is free.
   */
  readonly relieve?: (state: { readonly ready: boolean; readonly reason: string }) => Promise<void>;
  /** Replaced by test servers, to make faults. */
  readonly sessionWorker?: URL;
  /** Replaced by test servers, to make faults. */
  readonly count?: typeof countWork;
}

export interface RunningService {
  readonly grpc: string;
  readonly metrics: string;
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly reason: string;
}

/** Starts one server and loads its models; answers when each is ready or has said why not. */
export async function startService(
  config: InferenceConfig,
  lifecycle: Lifecycle,
  log: Logger,
  options: ServiceOptions = {},
): Promise<RunningService> {
  const telemetry = await startTelemetry('inference', config.values);
  const { providers, gpu, reason } = chooseProviders(config, openNvml());
  log.info({ providers, gpu: gpu?.uuid, reason }, 'providers to try');
  const lockFolder = config.values.DEMETER_GPU_LOCK_DIR;
  // A GPU is locked before anything else is done; a share of the CPU is named by its port.
  const gpuLock = gpu ? acquireGpuLock(lockFolder, gpu.uuid) : undefined;
  const grpc = new GrpcServer(config, log);
  const { relieve } = options;
  const port = relieve ? config.grpcPort : await grpc.bind();
  const serverId = `${hostname()}:${port}`;
  const { stopping } = lifecycle;
  const parts = createParts({
    config,
    serverId,
    providers,
    providerReason: reason,
    strangers: new Strangers(gpu?.pids ?? [], log),
    log,
    stopping,
    options,
  });
  const { mesh, queue, shelf, events, report, readiness } = parts;
  const uploads = new Uploads({
    folder: config.uploads,
    own: config.values.DEMETER_INFERENCE_UPLOADS !== undefined,
    bytesMax: config.values.DEMETER_MODEL_BYTES_MAX,
  });
  await uploads.cleanUp();
  if (relieve) {
    await shelf.start();
    await relieve(shelf);
    await grpc.bind();
  }
  const lock = gpuLock ?? acquireGpuLock(lockFolder, `cpu-${port}`);

  const { server, certificates } = grpc;
  server.addService(demeterV1.Mesh.service, mesh.handlers);
  server.addService(demeterV1.Models.service, modelsHandlers({ shelf, uploads }));
  server.addService(openInference.GRPCInferenceService.service, parts.openInference);
  parts.health.addTo(server);
  addReflection(server, ['demeter.v1.Mesh', 'demeter.v1.Models', 'inference.GRPCInferenceService']);
  const monitor = serveMonitor({
    host: config.host,
    port: config.metricsPort,
    metricsEnabled: config.values.ENABLE_METRICS,
    events,
    report,
    hanging: () => readiness.hanging,
  });

  lifecycle.onStop('finish photos', async () => {
    parts.onChange();
    mesh.drain(DRAIN_MS);
    const finish = async () => {
      await Promise.all([queue.drain(), parts.admission.drain()]);
      await Promise.race([mesh.ended(), Bun.sleep(GOODBYE_MS)]);
    };
    await Promise.race([finish(), Bun.sleep(DRAIN_MS)]);
    mesh.close();
  });
  lifecycle.onStop('close gRPC', () => grpc.close());
  lifecycle.onStop('unload models', async () => {
    await shelf.unloadAll();
  });
  lifecycle.onStop('close monitor', () => monitor.stop(true));
  lifecycle.onStop('send traces', () => telemetry.shutdown());
  lifecycle.onStop('release lock', () => lock.release());

  const address = `${config.advertise}:${port}`;
  announce({ config, certificates, address, report, log, signal: lifecycle.stopping }).catch(
    (error: unknown) =>
      log.error(
        { err: error, core: config.core },
        'cannot announce: is DEMETER_INFERENCE_CORE right?',
      ),
  );
  const look = setInterval(parts.tellHealth, LOOK_MS);
  stopping.addEventListener('abort', () => clearInterval(look));
  if (!relieve) await shelf.start();
  tend(shelf, { everyMs: config.values.DEMETER_INFERENCE_POLL_SECONDS * 1000, lifecycle, log });
  return {
    grpc: `${config.host}:${port}`,
    metrics: `${config.host}:${monitor.port}`,
    ready: shelf.ready,
    reason: shelf.reason,
  };
}

interface Tending {
  readonly everyMs: number;
  readonly lifecycle: Lifecycle;
  readonly log: Logger;
}

/** Unloads what is idle and looks for new models, until the server stops. */
function tend(shelf: Shelf, { everyMs, lifecycle, log }: Tending): void {
  const timer = setInterval(() => {
    shelf
      .tend()
      .catch((error: unknown) => log.error({ err: error }, 'models could not be looked through'));
  }, everyMs);
  lifecycle.stopping.addEventListener('abort', () => clearInterval(timer));
}

interface PartsOptions {
  readonly config: InferenceConfig;
  readonly serverId: string;
  readonly providers: readonly Provider[];
  readonly providerReason: string;
  readonly strangers: Strangers;
  readonly log: Logger;
  readonly stopping: AbortSignal;
  readonly options: ServiceOptions;
}

/** What a server is made of, wired; nothing runs yet. */
function createParts(needs: PartsOptions) {
  const { config, serverId, providers, providerReason, strangers, log, stopping, options } = needs;
  const { restarts = 0, count = countWork, sessionWorker } = options;
  const epoch = newId();
  const events = new Events();
  const { statistics } = events;
  const health = new HealthStates();
  const hangSeconds = config.values.DEMETER_INFERENCE_HANG_SECONDS;
  const limits = { hangSeconds, loadSeconds: config.loadSeconds };
  const hanging = () => {
    const { fault, busySinceMs, loader } = shelf;
    const { loadingSinceMs } = loader;
    return whyHanging({ fault, busySinceMs, loadingSinceMs }, limits, performance.now());
  };
  const tellHealth = () => health.update(readiness, shelf.list());
  const onChange = () => {
    mesh.changed();
    tellHealth();
  };
  const nvml = openNvml();
  const { version } = packageJson;
  const { visibleDevices, credits } = config;
  const memory = openMemory({
    nvml,
    visibleDevices,
    onGpu: providers[0] !== 'cpu',
    budgetBytes: config.values.DEMETER_INFERENCE_MEMORY_BYTES,
    servers: config.values.DEMETER_INFERENCE_COUNT,
  });
  const onRan = (spec: ModelSpec, images: number, ms: number) => events.executed(spec, images, ms);
  const shelf = createShelf({ config, providers, memory, sessionWorker, onRan, log, onChange });
  const readiness = new Readiness({ shelf, hanging, draining: () => stopping.aborted });
  const queue = new PhotoQueue(PHOTOS_ACTIVE_MAX, onChange);
  const sources = {
    ...{ serverId, epoch, version, restarts },
    ...{ providers, providerReason, nvml, visibleDevices, strangers },
    ...{ shelf, memory, queue, events, readiness },
  };
  const report = () => createHealthReport(sources);
  const pixelsMax = config.values.DEMETER_PHOTO_PIXELS_MAX;
  const mesh = new Mesh({
    serverId,
    epoch,
    credits,
    queue,
    events,
    log,
    report,
    count: (photo, receivedAt, signal) =>
      count(photo, { shelf, pixelsMax, serverId, statistics, receivedAt, signal }),
  });
  const admission = new Admission(config.values.DEMETER_INFERENCE_REQUESTS_MAX);
  const openInference = openInferenceHandlers({
    ...{ models: shelf, statistics, admission, version, readiness, log },
  });
  addReportMetrics(events.registry, report);
  events.gauge('queue_size', 'Photos that wait here.', () => queue.waiting);
  events.gauge('demeter_inference_photos_active', 'Photos being counted.', () => queue.active);
  events.info(
    'demeter_inference_provider',
    'What models run on, and why it is not the best one asked for.',
    ['provider', 'reason'],
    () => {
      const { provider = '', provider_reason: reason = '' } = report();
      return { provider, reason };
    },
  );
  events.gauge('demeter_inference_restarts', 'Lives of this slot before this one.', () => restarts);
  return {
    events,
    health,
    shelf,
    queue,
    mesh,
    openInference,
    admission,
    report,
    readiness,
    tellHealth,
    onChange,
  };
}
