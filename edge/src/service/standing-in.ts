import { Type } from '@sinclair/typebox';
import { pausesCopies } from '../buffer/when-full.ts';
import { CoreClient } from '../forward/core-client.ts';
import type { PhotoEye } from '../photos/photo-eye.ts';
import { StandIns } from '../policy/stand-ins.ts';
import type { Base } from './base.ts';

const Answer = Type.Object({ photo_id: Type.String(), state: Type.String() });

/** Telling the centre of photos that policies keep here; null where none is configured. */
export function createStandIns(base: Base, eye: PhotoEye, wake: () => void): StandIns | null {
  const { config, journal, spool, clock, boot, log, random, credential, transport } = base;
  if (!config.core || !credential) return null;
  const core = new CoreClient(config.core.url, credential, clock, transport);
  return new StandIns({
    journal,
    clock,
    boot,
    log,
    random,
    send: async (standIn, signal) => {
      await core.ask('edge/stand-ins', Answer, signal, standIn);
    },
    preview: ({ sha256, media_type }) => eye.preview(sha256, spool.pathOf(sha256), media_type),
    mayDerive: () => !pausesCopies(journal.heldBytes(), config.values.DEMETER_EDGE_BYTES_MAX),
    onSend: wake,
  });
}
