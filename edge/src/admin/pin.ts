import { existsSync } from 'node:fs';
import type { Environment } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import { isLoopback } from '@demeter/common/loopback';
import { announcedName, pageUrls } from '../announce/addresses.ts';
import { readConfig } from '../config.ts';
import { PIN_MINUTES, showPin } from '../pairing/pin.ts';

/** A new PIN for the page, beside a running edge. Throws NOT_FOUND before its first start. */
export function newPin(env: Environment) {
  const { dataFolder, values } = readConfig(env);
  if (!existsSync(dataFolder)) {
    throw new AppError('NOT_FOUND', `There is no data folder ${dataFolder}.`, {
      hint: 'Start the edge once, or correct DEMETER_EDGE_DATA.',
    });
  }
  const { pin, expiresAt } = showPin(dataFolder, Date.now());
  const { DEMETER_EDGE_HOST: host, DEMETER_EDGE_PORT: port } = values;
  // A port that the running edge has chosen itself stands in its log.
  const isKnown = port !== 0 && !isLoopback(host);
  return {
    pin,
    data_folder: dataFolder,
    minutes: PIN_MINUTES,
    expires_at: new Date(expiresAt).toISOString(),
    urls: isKnown ? pageUrls(host, port, announcedName(values)) : [],
  };
}
