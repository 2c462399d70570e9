import type { Logger } from '@demeter/common/logger';
import { rememberBoot } from './boot.ts';
import type { Ids } from './ids.ts';
import type { Journal, PhotoRow } from './journal.ts';
import { newNote } from './new-note.ts';
import type { Sidecar } from './sidecar.ts';
import type { Spool } from './spool.ts';

/** Of a photo whose bytes are not here. */
export const MISSING = { last_error: 'BYTES_MISSING', parked: 'BYTES_MISSING' } as const;
const ELSEWHERE = { in_spool: 0, state: 'queued', due_at: 1, ...MISSING } as const;

/**
 * Makes the journal's rows again from what stands beside a photo's bytes. What a power cut takes
 * back of them the next start makes again.
 */
export class Notes {
  constructor(
    private readonly spool: Spool,
    private readonly journal: Journal,
    private readonly log: Logger,
    private readonly ids: Ids,
  ) {}

  /** Those that can be read, in the order of their sightings. */
  async read(sha256: string, sightingIds: readonly string[]): Promise<Sidecar[]> {
    const sidecars: Sidecar[] = [];
    for (const id of [...sightingIds].sort()) {
      try {
        sidecars.push(await this.spool.readSidecar(sha256, id));
      } catch (error) {
        this.log.error({ err: error, sha256, sighting: id }, 'a sidecar cannot be read');
      }
    }
    return sidecars;
  }

  /** A row for each sighting. */
  enter(sha256: string, sidecars: readonly Sidecar[]): void {
    this.journal.note(() => this.#sightings(sha256, sidecars));
  }

  /** The same for a photo without a row, or with that of one that has gone; `changes` go into its own. */
  enterPhoto(
    sha256: string,
    sidecars: readonly [Sidecar, ...Sidecar[]],
    changes: Partial<PhotoRow> | null = null,
  ): void {
    const { journal } = this;
    const enter = () => {
      journal.addPhoto(sidecars[0]);
      this.#sightings(sha256, sidecars);
      if (changes) journal.update(sha256, changes);
    };
    // As an accept does: a row that is there already, and would say something else, is flushed.
    if (journal.photo(sha256) === null) journal.note(enter);
    else journal.transaction(enter);
  }

  /**
   * Enters a photo without bytes here of which a sidecar says that it was held elsewhere: its bytes
   * went after the centre's receipt, which the journal had, so that the centre is asked. Answers how
   * many sightings; 0: it was never acknowledged, as far as can be read.
   */
  async enterElsewhere(sha256: string, sightingIds: readonly string[]): Promise<number> {
    const [first, ...others] = await this.read(sha256, sightingIds);
    if (!first || ![first, ...others].some(({ held }) => held)) return 0;
    this.enterPhoto(sha256, [first, ...others], ELSEWHERE);
    return 1 + others.length;
  }

  /**
   * Enters a photo of the spool whose sidecars cannot be read: sound bytes are a photo, whatever
   * has become of the notes beside them. False: they are not this photo's.
   */
  async enterAnew(sha256: string, camera: string | undefined): Promise<boolean> {
    const { spool, log } = this;
    const sidecar = await newNote(spool, sha256, { ids: this.ids, camera });
    if (!sidecar) return false;
    log.error({ sha256 }, 'a photo in the spool has no readable sidecar: it is noted anew');
    await spool.addSighting(sidecar).catch((error: unknown) => {
      // The journal has it then; a start without one tries again.
      log.error({ err: error, sha256 }, 'the new sidecar cannot be written');
    });
    this.enterPhoto(sha256, [sidecar]);
    return true;
  }

  #sightings(sha256: string, sidecars: readonly Sidecar[]): void {
    for (const { sighting } of sidecars) {
      this.journal.addSighting(sha256, sighting);
      rememberBoot(this.journal, sighting);
    }
  }
}
