import type {
  EdgeConfiguration,
  Forwarding,
  Policies,
  Policy,
  Timetable,
} from '@demeter/common/edge-configuration/schema';
import { DEFAULT_THRESHOLDS, type Thresholds } from './cameras.ts';

/** Poor and repeated photos are sent as well, after the good ones: nothing is kept back unasked. */
const DEFAULT_POLICIES = {
  good: { forward: 'now' },
  poor: { forward: 'later' },
  undecodable: { forward: 'later' },
  near_duplicate: { forward: 'later' },
} as const satisfies Policies;

export type EffectivePolicies = Readonly<Partial<Record<keyof Policies, Policy>>> &
  Readonly<Record<keyof typeof DEFAULT_POLICIES, Policy>>;

/**
 * What may change while the box runs: the centre's values, and over them, key by key, those of its
 * own file: what somebody wrote down at the box is not changed from afar. What belongs to one camera
 * goes before what is for all. Whoever needs a value asks for it each time.
 */
export class Tuning {
  #centre: EdgeConfiguration = {};

  constructor(private readonly own: EdgeConfiguration = {}) {}

  /** The centre's configuration as a whole; null: there is none (any more). */
  setCentre(configuration: EdgeConfiguration | null): void {
    this.#centre = configuration ?? {};
  }

  get timeZone(): string {
    return this.own.time_zone ?? this.#centre.time_zone ?? 'UTC';
  }

  get policies(): EffectivePolicies {
    return { ...DEFAULT_POLICIES, ...this.#centre.policies, ...this.own.policies };
  }

  get forwarding(): Forwarding {
    return { ...this.#centre.forwarding, ...this.own.forwarding };
  }

  thresholdsOf(camera: string): Thresholds {
    return {
      ...DEFAULT_THRESHOLDS,
      ...this.#centre.thresholds,
      ...this.own.thresholds,
      ...this.#centre.cameras?.[camera]?.thresholds,
      ...this.own.cameras?.[camera]?.thresholds,
    };
  }

  /** When a camera is asked for a photo; null: it is not. */
  timetableOf(camera: string): (Timetable & { readonly time_zone: string }) | null {
    const found =
      this.own.cameras?.[camera]?.timetable ?? this.#centre.cameras?.[camera]?.timetable;
    return found ? { ...found, time_zone: found.time_zone ?? this.timeZone } : null;
  }
}
