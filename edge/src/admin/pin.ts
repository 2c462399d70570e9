import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Environment } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import { readConfig } from '../config.ts';
import { PIN_MINUTES, showPin } from '../pairing/pin.ts';

/** A new PIN for the page, beside a running edge. Throws NOT_FOUND before its first start. */
export function newPin(env: Environment) {
  const folder = resolve(readConfig(env).dataFolder);
  if (!existsSync(folder)) {
    throw new AppError('NOT_FOUND', `There is no data folder ${folder}.`, {
      hint: 'Start the edge once, or correct DEMETER_EDGE_DATA.',
    });
  }
  const { pin, expiresAt } = showPin(folder, Date.now());
  return { pin, minutes: PIN_MINUTES, expires_at: new Date(expiresAt).toISOString() };
}
