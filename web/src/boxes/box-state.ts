import type { Box } from '../api/shapes.ts';

/** How a box stands, worst first: what a person looks for in the list. */
export type BoxState = 'revoked' | 'alert' | 'waiting' | 'old_credential' | 'fine';

export type Tone = 'good' | 'wait' | 'bad' | 'plain';

export const TONES: Readonly<Record<BoxState, Tone>> = {
  revoked: 'plain',
  alert: 'bad',
  waiting: 'wait',
  old_credential: 'good',
  fine: 'good',
};

export function boxState({ revoked_at, alerts, credential, last_seen_at }: Box): BoxState {
  if (revoked_at !== null) return 'revoked';
  if (alerts.length > 0) return 'alert';
  if (credential === 'none' || last_seen_at === null) return 'waiting';
  return credential === 'token' ? 'old_credential' : 'fine';
}
