import { PORT, type Setting } from './setting.ts';

const INFERENCE = ['inference'] as const;

/** Settings of the inference servers. */
export const INFERENCE_SETTINGS = {
  MODEL_DIR: {
    kind: 'list',
    parts: INFERENCE,
    default: 'models',
    about: 'Folders of models: `<name>/<version>/` or single .onnx files; comma separated.',
  },
  USE_GPU: {
    kind: 'choice',
    parts: INFERENCE,
    default: 'auto',
    choices: ['auto', 'true', 'false'],
    about:
      '`auto`: CUDA if it loads, else CPU; `true`: refuse the CPU. Unset in staging and production: `true`.',
  },
  CUDA_VISIBLE_DEVICES: {
    kind: 'string',
    parts: INFERENCE,
    about: 'GPU of this process (index or UUID).',
  },
  DEMETER_INFERENCE_HOST: {
    kind: 'string',
    parts: INFERENCE,
    default: '127.0.0.1',
    about: 'Address the server binds to.',
  },
  DEMETER_INFERENCE_PORT: {
    kind: 'integer',
    parts: INFERENCE,
    default: 9001,
    ...PORT,
    about: 'gRPC port of the first server, the next ones count up; 0 takes free ones.',
  },
  DEMETER_INFERENCE_METRICS_PORT: {
    kind: 'integer',
    parts: INFERENCE,
    default: 9101,
    ...PORT,
    about: 'HTTP port of health and metrics, counted likewise.',
  },
  DEMETER_INFERENCE_COUNT: {
    kind: 'integer',
    parts: INFERENCE,
    default: 1,
    min: 1,
    max: 64,
    about: 'Servers that the supervisor starts on a machine without a GPU; with GPUs one for each.',
  },
  DEMETER_INFERENCE_CORE: {
    kind: 'string',
    parts: INFERENCE,
    about: "host:port of the core's gRPC, to announce to.",
  },
  DEMETER_INFERENCE_ADVERTISE: {
    kind: 'string',
    parts: INFERENCE,
    about: 'Host name under which the core reaches this server; unset: the bind address.',
  },
  DEMETER_INFERENCE_THREADS: {
    kind: 'integer',
    parts: INFERENCE,
    default: 0,
    min: 0,
    max: 256,
    about: 'Threads of a CPU session; 0: all cores.',
  },
  DEMETER_INFERENCE_CREDITS: {
    kind: 'integer',
    parts: INFERENCE,
    default: 3,
    min: 1,
    max: 16,
    about: 'Photos that the core may have under way here.',
  },
  DEMETER_INFERENCE_TENSORRT: {
    kind: 'boolean',
    parts: INFERENCE,
    default: false,
    about: 'Try TensorRT before CUDA; its first start takes minutes and more VRAM.',
  },
  DEMETER_INFERENCE_HANG_SECONDS: {
    kind: 'integer',
    parts: INFERENCE,
    default: 60,
    min: 5,
    max: 3600,
    about: 'An inference that has not moved for so long ends its server, which is started again.',
  },
  DEMETER_INFERENCE_RECYCLE_PHOTOS: {
    kind: 'integer',
    parts: INFERENCE,
    default: 5000,
    min: 0,
    max: 1_000_000_000,
    about: 'A server is replaced by a fresh one after so many photos, none of them lost; 0: never.',
  },
  DEMETER_INFERENCE_RECYCLE_BYTES: {
    kind: 'integer',
    parts: INFERENCE,
    default: 8 * 1024 ** 3,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    about: 'The same when its resident memory reaches so many bytes; 0: never.',
  },
  DEMETER_GPU_LOCK_DIR: {
    kind: 'string',
    parts: INFERENCE,
    default: '/tmp/demeter-gpu',
    about: "Folder of GPU locks; containers mount the host's.",
  },
} as const satisfies Record<string, Setting>;
