import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** Read at once: the page answers between two of them. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * SHA-256 of a file in hex. The browser's own is for secure contexts only, which plain HTTP in a
 * local network is not. Throws where the file cannot be read any more.
 */
export async function hashOf(file: Blob): Promise<string> {
  const hash = sha256.create();
  for (let at = 0; at < file.size; at += CHUNK_BYTES) {
    hash.update(new Uint8Array(await file.slice(at, at + CHUNK_BYTES).arrayBuffer()));
  }
  return bytesToHex(hash.digest());
}
