import { createHash } from 'node:crypto';
import { type Clock, systemClock } from '@demeter/common/clock';
import { Type } from '@sinclair/typebox';
import { realTransport, type Transport } from '../forward/transport.ts';
import { postToCore } from './core-post.ts';
import {
  type PendingKey,
  readIdentity,
  readPending,
  type StoredIdentity,
  setSpoiltAside,
  writeIdentity,
  writePending,
} from './identity-file.ts';
import { fingerprintOf, makeKey, toPublic } from './key.ts';

const Answer = Type.Object({
  edge_id: Type.String(),
  organisation_id: Type.String(),
  code: Type.String(),
  name: Type.String(),
  fingerprint: Type.String(),
  keys: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  server_time: Type.String(),
});

export interface Enrolment {
  readonly dataFolder: string;
  /** The core's address, without a trailing slash. */
  readonly coreUrl: string;
  /** The one-time code, as it was typed. */
  readonly code: string;
  readonly clock?: Pick<Clock, 'now' | 'sleep'>;
  readonly transport?: Pick<Transport, 'fetch'>;
  readonly signal?: AbortSignal;
}

/**
 * Makes this box's own key and registers it by a one-time code. The key is on the disk before the
 * code is spent, and the same code finds it again: after a power cut, run it again. What the box
 * was before stays until the centre has answered.
 * Throws AppError with the centre's code, DestinationFailure.
 */
export async function enrol(given: Enrolment): Promise<StoredIdentity> {
  const { dataFolder, coreUrl, code, clock = systemClock, transport = realTransport } = given;
  setSpoiltAside(dataFolder);
  const { private_jwk, code_sha256 } = await keyFor(dataFolder, code);
  const answer = await postToCore(
    {
      url: `${coreUrl}/api/v1/edge/enrol`,
      body: { code, public_key: toPublic(private_jwk) },
      clock,
      transport,
      signal: given.signal ?? new AbortController().signal,
    },
    Answer,
  );
  const identity: StoredIdentity = {
    edge_id: answer.edge_id,
    organisation_id: answer.organisation_id,
    code: answer.code,
    name: answer.name,
    fingerprint: fingerprintOf(private_jwk),
    private_jwk,
    code_sha256,
    core_url: coreUrl,
    core_keys: answer.keys,
    // The box's own clock may be years off.
    enrolled_at: answer.server_time,
  };
  await writeIdentity(dataFolder, identity);
  return identity;
}

async function keyFor(dataFolder: string, code: string): Promise<PendingKey> {
  const code_sha256 = createHash('sha256').update(normalized(code)).digest('hex');
  const known = [readPending(dataFolder), readIdentity(dataFolder)];
  const same = known.find((one) => one?.code_sha256 === code_sha256);
  if (same) return same;
  const made = { private_jwk: await makeKey(), code_sha256 };
  await writePending(dataFolder, made);
  return made;
}

/** The centre reads a code in any case, with or without dashes and blanks, O as 0, I and L as 1. */
function normalized(code: string): string {
  const plain = code.toUpperCase().replaceAll(/[\s-]/g, '');
  return plain.replaceAll('O', '0').replaceAll(/[IL]/g, '1');
}
