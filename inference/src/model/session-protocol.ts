/** What the main thread and the session worker say to each other; buffers are transferred. */
import type { Ask, Candidates } from './layouts/layout.ts';
import type { ModelSpec } from './model-spec.ts';

export type Provider = 'tensorrt' | 'cuda' | 'cpu';

export interface LoadRequest {
  readonly type: 'load';
  readonly id: number;
  readonly key: string;
  readonly spec: ModelSpec;
  /** Providers to try, best first. */
  readonly providers: readonly Provider[];
  readonly threads: number;
}

export interface RunRequest {
  readonly type: 'run';
  readonly id: number;
  readonly key: string;
  /** NCHW float32 as `spec.input.pixels` asks; `batch` images, of which the first `asks.length` are used. */
  readonly input: Float32Array<ArrayBuffer>;
  readonly batch: number;
  readonly width: number;
  readonly height: number;
  readonly asks: readonly Ask[];
}

export interface UnloadRequest {
  readonly type: 'unload';
  readonly id: number;
  readonly key: string;
}

export type WorkerRequest = LoadRequest | RunRequest | UnloadRequest;

export interface Loaded {
  readonly provider: Provider;
  /** Why a better provider was not used; empty when the best one runs. */
  readonly reason: string;
  /** Images a run takes, ascending. */
  readonly batchSizes: readonly number[];
  /** Memory that load and warm-up took: VRAM on a GPU, resident memory on the CPU. */
  readonly bytes: number;
}

export interface Ran {
  /** One for each image used. */
  readonly candidates: readonly Candidates[];
  /** The request's buffer, handed back. */
  readonly input: Float32Array<ArrayBuffer>;
  readonly inferenceMs: number;
}

export type WorkerAnswer =
  | ({ readonly type: 'loaded'; readonly id: number } & Loaded)
  | ({ readonly type: 'ran'; readonly id: number } & Ran)
  | { readonly type: 'unloaded'; readonly id: number }
  | {
      readonly type: 'failed';
      readonly id: number;
      readonly code: string;
      readonly message: string;
    };
