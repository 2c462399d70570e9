/** Where bytes lie in the object store (decisions: never overwritten, hash first). */

export interface PhotoKey {
  readonly organisationId: string;
  readonly sha256: string;
}

/** Key of an original in the bucket of originals. */
export function originalKey({ organisationId, sha256 }: PhotoKey): string {
  return `photos/${organisationId}/${sha256.slice(0, 2)}/${sha256}`;
}

/** Key of bytes that lay where an original should be, by their own hash; in the same bucket. */
export function setAsideKey({ organisationId, sha256 }: PhotoKey, actual: string): string {
  return `set-aside/${organisationId}/${sha256}/${actual}`;
}

/** Key of a model's file that boxes pull, in the bucket of originals. */
export function boxModelKey(organisationId: string, sha256: string): string {
  return `box-models/${organisationId}/${sha256}`;
}

/** Key under which an edge's grant lets it put a photo, in the bucket of originals. */
export function inboxKey({ organisationId, sha256 }: PhotoKey, edgeId: string): string {
  return `inbox/${organisationId}/${edgeId}/${sha256}`;
}

/** Key of something made from a photo, in the bucket of visualisations. */
export function derivedKey({ organisationId, sha256 }: PhotoKey, runId: string, name: string) {
  return `derived/${organisationId}/${sha256.slice(0, 2)}/${sha256}/${runId}/${name}`;
}
