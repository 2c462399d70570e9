import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { AppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import type { TlsFiles } from '../config.ts';

/** As grpc-js' certificate providers hand them on. */
interface Identity {
  readonly certificate: Buffer;
  readonly privateKey: Buffer;
}
interface Authority {
  readonly caCertificate: Buffer;
}
type Listener<T> = (update: T | null) => void;

interface Loaded {
  readonly identity: Identity;
  readonly authority: Authority | undefined;
}

/**
 * The certificate of this server and the authority of its peers, read again whenever `refresh` is
 * called: connections made from then on use the new ones. grpc-js' own FileWatcherCertificateProvider
 * hands on what it finds, so that a key which is written before its certificate ends all service;
 * this one keeps what was there until key and certificate fit.
 */
export class Certificates {
  #loaded: Loaded;
  readonly #identityListeners = new Set<Listener<Identity>>();
  readonly #authorityListeners = new Set<Listener<Authority>>();

  /** Throws INVALID_SETTING. */
  constructor(
    private readonly files: TlsFiles,
    private readonly log: Logger,
  ) {
    this.#loaded = readFiles(files);
  }

  refresh(): void {
    let loaded: Loaded;
    try {
      loaded = readFiles(this.files);
    } catch (error) {
      this.log.warn({ err: error }, 'certificates stay as they were');
      return;
    }
    if (fingerprint(loaded) === fingerprint(this.#loaded)) return;
    this.#loaded = loaded;
    this.log.info({ certificate: this.files.cert }, 'certificates read again');
    for (const listener of this.#identityListeners) listener(loaded.identity);
    for (const listener of this.#authorityListeners) listener(loaded.authority ?? null);
  }

  addIdentityCertificateListener(listener: Listener<Identity>): void {
    this.#identityListeners.add(listener);
    // Later, as grpc-js adds its own listener only when this has returned.
    queueMicrotask(() => listener(this.#loaded.identity));
  }

  removeIdentityCertificateListener(listener: Listener<Identity>): void {
    this.#identityListeners.delete(listener);
  }

  addCaCertificateListener(listener: Listener<Authority>): void {
    this.#authorityListeners.add(listener);
    queueMicrotask(() => listener(this.#loaded.authority ?? null));
  }

  removeCaCertificateListener(listener: Listener<Authority>): void {
    this.#authorityListeners.delete(listener);
  }
}

function readFiles({ cert, key, ca }: TlsFiles): Loaded {
  try {
    const identity = { certificate: readFileSync(cert), privateKey: readFileSync(key) };
    const authority = ca === undefined ? undefined : { caCertificate: readFileSync(ca) };
    createSecureContext({
      cert: identity.certificate,
      key: identity.privateKey,
      ca: authority?.caCertificate,
    });
    return { identity, authority };
  } catch (cause) {
    throw new AppError('INVALID_SETTING', `${cert} and ${key} are no certificate and its key.`, {
      field: 'DEMETER_GRPC_TLS_CERT',
      cause,
    });
  }
}

function fingerprint({ identity, authority }: Loaded): string {
  const hash = new Bun.CryptoHasher('sha256');
  const parts = [identity.certificate, identity.privateKey, authority?.caCertificate ?? ''];
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}
