import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { DataPaths } from '../paths.ts';
import type { Secrets } from './secrets.ts';

/** The camera that sends over HTTP, and the one that drops files into the watched folder. */
export const CAMERAS = { sending: 'demo', dropping: 'shelf' } as const;

/** Writes the edge's cameras file (docs/edge.md); only the hash of the key stands there. */
export function writeCameras(paths: DataPaths, secrets: Secrets): void {
  const hash = (key: string) => createHash('sha256').update(key).digest('hex');
  const cameras = [
    { code: CAMERAS.sending, name: 'Demo camera', key_sha256: hash(secrets.cameraKey) },
    {
      code: CAMERAS.dropping,
      name: 'Watched folder',
      key_sha256: hash(`${secrets.cameraKey}-${CAMERAS.dropping}`),
    },
  ];
  writeFileSync(paths.cameras, JSON.stringify({ cameras }, null, 2), { mode: 0o600 });
}
