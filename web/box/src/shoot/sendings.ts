import { computed, signal } from '@preact/signals';
import type { Photo, Problem } from '../api.ts';

/**
 * Photos on their way from this phone.
 *
 * States of one: waiting → reading → sending ⇄ paused → judging → done; refused ends it anywhere.
 * Paused: the connection or the session is lost, and it is tried again until that is back; sending
 * goes on where the box has heard it last. Only the box's own word on the photo refuses it: this
 * phone may hold the only copy, and keeps it until the box has it or somebody clears it away.
 */
export interface Sending {
  readonly id: number;
  readonly name: string;
  readonly place: string;
  /** Hex; '' until it was read. */
  readonly sha256: string;
  readonly phase: 'waiting' | 'reading' | 'sending' | 'paused' | 'judging' | 'done' | 'refused';
  /** 0–1 of the bytes. */
  readonly share: number;
  readonly photo: Photo | null;
  readonly problem: Problem | null;
  /** Whether it outlives this page; null: not known yet. */
  readonly kept: 'yes' | 'no' | 'full' | null;
}

export const sendings = signal<readonly Sending[]>([]);
/** Photos that the box does not have yet, and may still take. */
export const waitingHere = computed(() =>
  sendings.value.filter(({ phase }) => !['judging', 'done', 'refused'].includes(phase)),
);

export function change(id: number, fields: Partial<Sending>): void {
  sendings.value = sendings.value.map((each) => (each.id === id ? { ...each, ...fields } : each));
}
