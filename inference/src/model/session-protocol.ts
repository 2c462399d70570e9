/** What the main thread and a session worker say to each other; buffers are transferred. */

import type { Setup } from './calibrate.ts';
import type { Ask, Candidates } from './layouts/layout.ts';
import type { ModelSpec } from './model-spec.ts';
import type { NamedTensor } from './tensors.ts';

export type Provider = 'tensorrt' | 'cuda' | 'cpu';

/** Once, and first: a worker holds the session of one model. */
export interface LoadRequest {
  readonly type: 'load';
  readonly id: number;
  readonly spec: ModelSpec;
  /** Providers to try, best first. */
  readonly providers: readonly Provider[];
  readonly threads: number;
  /** How long to look for what is fastest; 0: not at all. */
  readonly calibrateMs: number;
  /** What was found before; then nothing is looked for. */
  readonly setup: Setup | undefined;
}

/** Runs the model on grey images for about `ms`, as fast as it goes. */
export interface MeasureRequest {
  readonly type: 'measure';
  readonly id: number;
  readonly ms: number;
}

export interface RunRequest {
  readonly type: 'run';
  readonly id: number;
  /** `batch` images as `Images` says, of which the first `asks.length` are used. */
  readonly input: ImageBuffer;
  readonly batch: number;
  readonly width: number;
  readonly height: number;
  readonly asks: readonly Ask[];
}

/** Runs the model as its file has it, with every input given. */
export interface TensorsRequest {
  readonly type: 'tensors';
  readonly id: number;
  readonly feeds: readonly NamedTensor[];
  /** Outputs wanted; none named: all. */
  readonly outputs: readonly string[];
}

/** Frees the session; the worker can be ended when it has answered. */
export interface UnloadRequest {
  readonly type: 'unload';
  readonly id: number;
}

export type WorkerRequest =
  | LoadRequest
  | MeasureRequest
  | RunRequest
  | TensorsRequest
  | UnloadRequest;

export interface Loaded extends Setup {
  readonly provider: Provider;
  /** Why a better provider was not used; empty when the best one runs. */
  readonly reason: string;
  /** A run takes so long that nothing was measured. */
  readonly tooSlow: boolean;
}

export interface Ran {
  /** One for each image used. */
  readonly candidates: readonly Candidates[];
  /** The request's buffer, handed back. */
  readonly input: ImageBuffer;
  readonly inferenceMs: number;
}

export interface RanTensors {
  readonly outputs: readonly NamedTensor[];
  readonly inferenceMs: number;
}

/** NCHW float32 as `spec.input.pixels` asks; or the photo's bytes, NHWC in RGB, where the model takes pixels. */
export type ImageBuffer = Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

export type WorkerAnswer =
  | ({ readonly type: 'loaded'; readonly id: number } & Loaded)
  | ({ readonly type: 'ran'; readonly id: number } & Ran)
  | ({ readonly type: 'ran-tensors'; readonly id: number } & RanTensors)
  | { readonly type: 'measured'; readonly id: number; readonly imagesPerMs: number }
  | { readonly type: 'unloaded'; readonly id: number }
  | {
      readonly type: 'failed';
      readonly id: number;
      readonly code: string;
      readonly message: string;
      /** The GPU's libraries have failed: nothing more can be run in this process. */
      readonly deviceFault: boolean;
    };
