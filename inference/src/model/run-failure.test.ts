import { describe, expect, test } from 'bun:test';
import { AppError } from '@demeter/common/errors';
import { toRunFailure } from './run-failure.ts';

const NODE = (name: string) =>
  `Non-zero status code returned while running ${name} node. Name:'${name}_0' Status Message: `;
const AT = (library: string, line: number) =>
  `/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:${line} std::conditional_t<THRW, void, onnxruntime::common::Status> onnxruntime::CudaCall(ERRTYPE, const char*, const char*, SUCCTYPE, const char*, const char*, int) [with ERRTYPE = ${library}; bool THRW = true; SUCCTYPE = ${library}; std::conditional_t<THRW, void, onnxruntime::common::Status> = void] `;
const ILLEGAL =
  'CUDA failure 700: an illegal memory access was encountered ; GPU=0 ; hostname=a ; ';

/** As ONNX Runtime's users have reported them. */
describe('a failed run condemns the process', () => {
  test.each([
    NODE('Conv') + ILLEGAL,
    'CUDA failure 2: out of memory ; GPU=0 ; hostname=a ; expr=cudaMalloc((void**)&p, size);',
    `${NODE('Conv')}CUDNN_FE failure 11: CUDNN_BACKEND_API_FAILED ; GPU=0 ; hostname=a ; `,
    `${NODE('Conv')}CUDNN failure 8: CUDNN_STATUS_EXECUTION_FAILED ; GPU=0 ; hostname=a ; `,
    `${NODE('Gemm')}CUBLAS failure 13: CUBLAS_STATUS_EXECUTION_FAILED ; GPU=0 ; hostname=a ; `,
    `${NODE('Gather')}CUDA error cudaErrorIllegalAddress:an illegal memory access was encountered`,
    `${NODE('MatMul')}CUBLAS error executing cublasGemmHelper( Base::CublasHandle(), transB)`,
    `${NODE('TRTKernel_graph')}TensorRT EP execution context enqueue failed.`,
  ])('where the device failed: %s', (message) => {
    expect(toRunFailure(new Error(message), 'run').deviceFault).toBe(true);
  });

  test('also where that stands behind a page of C++, which is left out of what is shown', () => {
    const text = `${NODE('Conv')}${AT('cudaError', 129)}${AT('cudaError', 121)}${ILLEGAL}`;
    const { deviceFault, message } = toRunFailure(new Error(text), 'run');
    expect({ deviceFault, message }).toEqual({
      deviceFault: true,
      message: NODE('Conv') + ILLEGAL,
    });
  });
});

describe('a failed run leaves the process alone', () => {
  test.each([
    // A request's own shape, on any provider.
    `${NODE('Reshape')}The input tensor cannot be reshaped to the requested shape. Input shape:{1,3,7,7}, requested shape:{1,4}`,
    `${NODE('Add')}Add_80: right operand cannot broadcast on dim 0 LeftShape: {162,15}, RightShape: {152,15}`,
    'Got invalid dimensions for input: images for the following indices',
    `${NODE('Concat')}concat_impl: Non concat axis dimensions must match`,
    // The libraries of the GPU, of arguments that a shape without elements or too large makes.
    `${NODE('Conv')}CUDNN failure 3: CUDNN_STATUS_BAD_PARAM ; GPU=0 ; hostname=a ; `,
    `${NODE('Conv')}CUDNN failure 3000: CUDNN_STATUS_NOT_SUPPORTED ; GPU=0 ; hostname=a ; `,
    `${NODE('MatMul')}CUBLAS failure 7: CUBLAS_STATUS_INVALID_VALUE ; GPU=0 ; hostname=a ; `,
    `${NODE('Transpose')}CUDA error cudaErrorInvalidConfiguration:invalid configuration argument`,
    `${NODE('Expand')}CUDA failure 9: invalid configuration argument ; GPU=0 ; hostname=a ; `,
    // The arena, of a tensor for which there is no room.
    `${NODE('Conv')}Failed to allocate memory for requested buffer of size 68719476736`,
  ])('where it refused the request: %s', (message) => {
    expect(toRunFailure(new Error(message), 'run').deviceFault).toBe(false);
  });

  test('where we refused it ourselves', () => {
    const error = new AppError('MODEL_INVALID', 'The output y is no tensor: CUDA failure 700.');
    expect(toRunFailure(error, 'run')).toEqual({
      code: 'MODEL_INVALID',
      message: error.message,
      deviceFault: false,
    });
  });
});

test('a load that finds no memory says so, and condemns nobody', () => {
  for (const said of [
    'Failed to allocate memory for requested buffer',
    'std::bad_alloc',
    'CUDA failure 2: out of memory',
  ]) {
    const failure = toRunFailure(new Error(said), 'load');
    expect(failure).toEqual({ code: 'MODEL_MEMORY_FULL', message: said, deviceFault: false });
    expect(toRunFailure(new Error(said), 'run').code).toBe('INFERENCE_FAILED');
  }
});

test.each([
  ['CUDA failure 46: CUDA-capable device(s) is/are busy or unavailable ; ', 'MODEL_UNAVAILABLE'],
  [NODE('Conv') + ILLEGAL, 'MODEL_UNAVAILABLE'],
  [`${NODE('Conv')}CUDNN failure 3000: CUDNN_STATUS_NOT_SUPPORTED ; `, 'MODEL_INVALID'],
  ['what?', 'MODEL_INVALID'],
] as const)('a load tells the device from the file, and condemns nobody: %s', (said, code) => {
  const failure = toRunFailure(new Error(`${said}\nat line 3`), 'load');
  expect(failure).toEqual({ code, message: said, deviceFault: false });
});
