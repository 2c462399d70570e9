/** What a session worker says of an error: its code, and whether the device is spoilt for good. */
import { AppError, type ErrorCode } from '@demeter/common/errors';

export interface RunFailure {
  readonly code: ErrorCode;
  readonly message: string;
  /** A library of the GPU has failed: only a new process gets a new CUDA context. */
  readonly deviceFault: boolean;
}

/** What ONNX Runtime says when memory is not to be had: CUDA's allocator, its arenas, plain malloc. */
const OUT_OF_MEMORY = /out of memory|failed to allocate memory|bad_alloc|CUDA error 2\b/i;

/**
 * How ONNX Runtime hands on what CUDA's libraries say: "CUDA failure 700: an illegal memory access
 * was encountered ; GPU=0 ; …", CUDNN, CUDNN_FE and CUBLAS likewise (cuda_call.cc,
 * cudnn_fe_call.cc); "CUDA error cudaErrorLaunchFailure:…" after a kernel; of TensorRT no more than
 * the sentence.
 */
const DEVICE =
  /\b(?:CUDA|CUDNN|CUDNN_FE|CUBLAS|CUFFT|CURAND|CUSPARSE) (?:failure|error)\b|TensorRT EP execution context enqueue failed/;

/**
 * Of those, what only refuses one call's arguments, as a tensor without elements or of a strange
 * size makes them. Were the context spoilt as well, the next run would say so.
 */
const ARGUMENTS =
  /CUDA failure (?:1|9):|cudaErrorInvalid(?:Value|Configuration)|_STATUS_(?:BAD_PARAM|NOT_SUPPORTED|INVALID_VALUE)|GRAPH_NOT_SUPPORTED/;

/** Where in C++ it was thrown: hundreds of letters of types, before what went wrong. */
const THROWN_AT = /\S*cud\w*_call\.cc:\d+ .*?(?=CU\w+ failure)/;

const LENGTH_MAX = 300;

/**
 * Memory that a load wants may be made by ending other models; what a run wants is the photo's, or
 * the machine's. A load that the device fails, still busy with a process just killed perhaps, says
 * nothing of the file: MODEL_UNAVAILABLE, to be tried again. No load condemns the process.
 */
export function toRunFailure(error: unknown, during: 'load' | 'run'): RunFailure {
  if (error instanceof AppError) {
    return { code: error.code, message: error.message, deviceFault: false };
  }
  const text = error instanceof Error ? error.message : String(error);
  const ofDevice = DEVICE.test(text) && !ARGUMENTS.test(text);
  return {
    code: during === 'run' ? 'INFERENCE_FAILED' : codeOfLoad(text, ofDevice),
    message: (text.replace(THROWN_AT, '').split('\n')[0] ?? '').slice(0, LENGTH_MAX),
    deviceFault: during === 'run' && ofDevice,
  };
}

function codeOfLoad(text: string, ofDevice: boolean): ErrorCode {
  if (OUT_OF_MEMORY.test(text)) return 'MODEL_MEMORY_FULL';
  return ofDevice ? 'MODEL_UNAVAILABLE' : 'MODEL_INVALID';
}
