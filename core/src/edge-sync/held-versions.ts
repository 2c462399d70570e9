import { createHash } from 'node:crypto';

/**
 * What a box says it holds (header `Demeter-Held`, docs/protocols.md): by it a core that was
 * restored from a backup learns of versions that it gave out and has forgotten.
 */
export interface HeldVersion {
  readonly version: number;
  /** SHA-256 of the manifest as it was given, hex; null: the box has it no more. */
  readonly sha256: string | null;
}

export const HELD_HEADER = 'demeter-held';
/** It says the one in force and the highest it ever had. */
const HELD_MAX = 4;

/** `7:<sha256>, 9`; what is none of this says nothing. */
export function parseHeld(header: string | null): HeldVersion[] {
  const parts = (header ?? '').split(',', HELD_MAX).map((part) => part.trim());
  return parts.flatMap((part) => {
    // Nine digits: within what the column holds, and more than a box sees in its life.
    const [, version, sha256] = /^(\d{1,9})(?::([0-9a-f]{64}))?$/.exec(part) ?? [];
    return version === undefined ? [] : [{ version: Number(version), sha256: sha256 ?? null }];
  });
}

interface Given {
  readonly version: number;
  readonly jws: string;
}

/**
 * The highest held version, where the box holds one that is none of `given` and that the last of
 * them does not go before: what is given next must be higher. Null: all is as it should be.
 */
export function forgotten(
  held: readonly HeldVersion[],
  given: readonly Given[],
  last: number,
): number | null {
  const highest = Math.max(0, ...held.map(({ version }) => version));
  const isStrange = held.some(({ version, sha256 }) => {
    const same = given.find((one) => one.version === version);
    return !same || (sha256 !== null && sha256 !== sha256Of(same.jws));
  });
  return isStrange && last <= highest ? highest : null;
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
