/** What models are, in the protocol's words. */
import type {
  ModelConfig,
  ModelMetadataResponse,
  ModelStatistics as StatisticsMessage,
} from '@demeter/proto';
import type { TensorInfo } from '../../model/onnx-file.ts';
import { tensorTypeOf } from '../../model/tensors.ts';
import type { ModelView } from '../../residency/entry.ts';
import type { Duration, ModelStatistics } from '../../statistics.ts';
import { datatypeOf } from './datatypes.ts';

const PLATFORM = 'onnxruntime_onnx';
const NS_PER_MS = 1e6;

export function toMetadata(
  { name, spec }: ModelView,
  versions: readonly string[],
): ModelMetadataResponse {
  return {
    name,
    versions: [...versions],
    platform: PLATFORM,
    inputs: (spec?.inputs ?? []).map(toTensorMetadata),
    outputs: (spec?.outputs ?? []).map(toTensorMetadata),
  };
}

function toTensorMetadata(info: TensorInfo) {
  const type = tensorTypeOf(info);
  const datatype = type === undefined ? '' : datatypeOf(type).name;
  return { name: info.name, datatype, shape: toShape(info) };
}

/** -1: open. */
function toShape({ dims }: TensorInfo): number[] {
  return dims.map((dim) => dim ?? -1);
}

/** `max_batch_size` is 0: requests name every dimension, the first of them included. */
export function toConfig({ name, spec, loaded }: ModelView): ModelConfig {
  const tensor = (info: TensorInfo) => {
    const type = tensorTypeOf(info);
    const data_type = type === undefined ? 'TYPE_INVALID' : datatypeOf(type).configName;
    return { name: info.name, data_type, dims: toShape(info) };
  };
  const facts = {
    task: spec?.task,
    role: spec?.role,
    digest: spec?.digest.toString('hex'),
    class_names: spec && JSON.stringify(spec.classNames),
    batch_sizes: loaded && JSON.stringify(loaded.batchSizes),
  };
  const parameters = Object.entries(facts).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, { string_value: value }]],
  );
  const onGpu = loaded !== undefined && loaded.provider !== 'cpu';
  return {
    name,
    platform: PLATFORM,
    backend: 'onnxruntime',
    version_policy: { all: {} },
    max_batch_size: 0,
    input: (spec?.inputs ?? []).map(tensor),
    output: (spec?.outputs ?? []).map(tensor),
    instance_group: [{ name, count: 1, kind: onGpu ? 'KIND_GPU' : 'KIND_CPU' }],
    parameters: Object.fromEntries(parameters),
  };
}

export function toStatisticsMessage(
  { name, version, loaded }: ModelView,
  stats: ModelStatistics,
): StatisticsMessage {
  const onGpu = loaded !== undefined && loaded.provider !== 'cpu';
  return {
    name,
    version,
    last_inference: stats.lastInferenceMs,
    inference_count: stats.images,
    execution_count: stats.executions,
    inference_stats: {
      success: toDuration(stats.success),
      fail: toDuration(stats.failure),
      queue: toDuration(stats.queue),
      compute_input: toDuration(stats.input),
      compute_infer: toDuration(stats.infer),
      compute_output: toDuration(stats.output),
    },
    batch_stats: [...stats.batches].map(([batch_size, infer]) => ({
      batch_size,
      compute_infer: toDuration(infer),
    })),
    memory_usage: loaded ? [{ type: onGpu ? 'GPU' : 'CPU', id: 0, byte_size: loaded.bytes }] : [],
  };
}

function toDuration({ count, ms }: Duration) {
  return { count, ns: Math.round(ms * NS_PER_MS) };
}
