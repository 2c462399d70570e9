/** What the main thread and a session worker say to each other; buffers are transferred. */
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
}

export interface RunRequest {
  readonly type: 'run';
  readonly id: number;
  /** NCHW float32 as `spec.input.pixels` asks; `batch` images, of which the first `asks.length` are used. */
  readonly input: Float32Array<ArrayBuffer>;
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

export type WorkerRequest = LoadRequest | RunRequest | TensorsRequest | UnloadRequest;

export interface Loaded {
  readonly provider: Provider;
  /** Why a better provider was not used; empty when the best one runs. */
  readonly reason: string;
  /** Images a run takes, ascending. */
  readonly batchSizes: readonly number[];
  /** Of each session. */
  readonly threads: number;
}

export interface Ran {
  /** One for each image used. */
  readonly candidates: readonly Candidates[];
  /** The request's buffer, handed back. */
  readonly input: Float32Array<ArrayBuffer>;
  readonly inferenceMs: number;
}

export interface RanTensors {
  readonly outputs: readonly NamedTensor[];
  readonly inferenceMs: number;
}

export type WorkerAnswer =
  | ({ readonly type: 'loaded'; readonly id: number } & Loaded)
  | ({ readonly type: 'ran'; readonly id: number } & Ran)
  | ({ readonly type: 'ran-tensors'; readonly id: number } & RanTensors)
  | { readonly type: 'unloaded'; readonly id: number }
  | {
      readonly type: 'failed';
      readonly id: number;
      readonly code: string;
      readonly message: string;
    };
