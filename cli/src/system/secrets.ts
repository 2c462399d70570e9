import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { DataPaths } from '../paths.ts';

/** What one data folder's system keeps secret; made at its first start. */
export interface Secrets {
  /** JWT_SECRET_KEY: seals the signing keys, signs links. */
  readonly jwtSecretKey: string;
  readonly grpcToken: string;
  /** Of the camera `demo`. */
  readonly cameraKey: string;
}

/** Reads the folder's secrets, or makes them: readable by this user only. */
export function readSecrets(paths: DataPaths): Secrets {
  if (existsSync(paths.secrets)) {
    return JSON.parse(readFileSync(paths.secrets, 'utf8')) as Secrets;
  }
  const secrets = { jwtSecretKey: random(), grpcToken: random(), cameraKey: random() };
  const aside = `${paths.secrets}.new`;
  writeFileSync(aside, JSON.stringify(secrets), { mode: 0o600 });
  renameSync(aside, paths.secrets);
  return secrets;
}

function random(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
}
