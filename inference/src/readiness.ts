import type { ModelView } from './residency/entry.ts';
import type { Shelf } from './residency/shelf.ts';

export interface ReadinessOptions {
  readonly shelf: Pick<Shelf, 'ready'>;
  /** Why the process has to end; empty while it works. */
  readonly hanging: () => string;
  readonly draining: () => boolean;
}

/**
 * Whether work may come here: the one answer that the health report, HTTP, grpc.health.v1 and the
 * Open Inference Protocol give.
 */
export class Readiness {
  constructor(private readonly options: ReadinessOptions) {}

  get hanging(): string {
    return this.options.hanging();
  }

  get draining(): boolean {
    return this.options.draining();
  }

  get live(): boolean {
    return this.hanging === '';
  }

  get ready(): boolean {
    return this.#works && this.options.shelf.ready;
  }

  /** Whether one version answers; undefined is none. */
  serves(model: Pick<ModelView, 'state'> | undefined): boolean {
    return this.#works && model?.state === 'ready';
  }

  get #works(): boolean {
    return this.live && !this.draining;
  }
}
