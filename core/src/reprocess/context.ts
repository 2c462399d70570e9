import type { UserPrincipal } from '../auth/principal.ts';
import type { CoreContext } from '../context.ts';
import type { ActivePipelineStore } from '../pipelines/active-pipeline.ts';
import type { OfferedModel } from '../pipelines/pipeline.ts';
import type { KeptPhoto } from './keep-photo.ts';
import type { OwnPhotos } from './own-photos.ts';
import type { Reprocessor } from './reprocessor.ts';

/** What reprocessing is given, beside what every feature has. */
export interface ReprocessContext
  extends Pick<CoreContext, 'db' | 'log' | 'clock' | 'organisationId' | 'stopping'> {
  readonly pipelines: Pick<ActivePipelineStore, 'require'>;
  /** Models that servers hold now. */
  readonly offered: () => readonly OfferedModel[];
  readonly reprocessor: Reprocessor;
  readonly own: OwnPhotos;
  /** `keepPhoto`, with what it needs. */
  readonly keep: (photo: KeptPhoto, caller: UserPrincipal) => Promise<void>;
}
