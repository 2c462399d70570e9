import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import type { Identity } from '../enrol/credential.ts';

/** What the centre says this box should have (docs/protocols.md), checked before it is believed. */

const NAME = '[A-Za-z0-9][A-Za-z0-9._-]{0,99}';
const Piece = Type.Object({
  name: Type.RegExp(new RegExp(`^(configuration|models/${NAME}/${NAME}/${NAME})$`)),
  sha256: Type.RegExp(/^[0-9a-f]{64}$/),
  size_bytes: Type.Integer({ minimum: 1 }),
});
const ManifestSchema = Type.Object({
  version: Type.Integer({ minimum: 1 }),
  edge_id: Type.String(),
  organisation_id: Type.String(),
  issued_at: Type.String(),
  not_before: Type.Union([Type.String(), Type.Null()]),
  pieces: Type.Array(Piece, { maxItems: 200 }),
});
export type Manifest = Static<typeof ManifestSchema>;
export type Piece = Static<typeof Piece>;

/** What came is not what the centre would give this box; the reason is for people. */
export class ManifestRefused extends Error {
  constructor(
    readonly kind: 'forged' | 'malformed' | 'foreign' | 'older' | 'changed',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Throws ManifestRefused. A receipt, though signed by the same key, is none: its `typ` differs. */
export async function verifyManifest(
  jws: string,
  keys: JSONWebKeySet,
  identity: Identity,
): Promise<Manifest> {
  const trusted = { keys: keys.keys.filter((key) => !('retired' in key)) };
  let payload: unknown;
  try {
    const options = { algorithms: ['EdDSA'], typ: 'edge-configuration+jws' };
    payload = (await jwtVerify(jws, createLocalJWKSet(trusted), options)).payload;
  } catch (cause) {
    throw new ManifestRefused('forged', 'its signature is not the centre’s', { cause });
  }
  const manifest = readManifest(payload);
  if (
    manifest.organisation_id !== identity.organisationId ||
    manifest.edge_id !== identity.edgeId
  ) {
    throw new ManifestRefused('foreign', 'it is for another box');
  }
  return manifest;
}

/** The payload of a manifest that was verified when it was pulled. Throws ManifestRefused. */
export function readVerified(jws: string): Manifest {
  const payload = Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8');
  try {
    return readManifest(JSON.parse(payload));
  } catch (cause) {
    if (cause instanceof ManifestRefused) throw cause;
    throw new ManifestRefused('malformed', 'it cannot be read', { cause });
  }
}

function readManifest(payload: unknown): Manifest {
  if (Value.Check(ManifestSchema, payload)) return payload;
  throw new ManifestRefused('malformed', 'it lacks a field, or has one of another kind');
}
