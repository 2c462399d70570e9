import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { type ChannelCredentials, experimental, type ServerCredentials } from '@grpc/grpc-js';
import { AppError } from './errors.ts';
import type { Logger } from './logger.ts';

/** Paths of PEM files; a certificate and its key go together. */
export interface TlsFiles {
  /** What this process shows of itself. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** What its peers are checked against. */
  readonly ca?: string | undefined;
}

type Identity = experimental.IdentityCertificateUpdate;
type Authority = experimental.CaCertificateUpdate;
type Listener<T> = (update: T | null) => void;

interface Loaded {
  readonly identity: Identity | null;
  readonly authority: Authority;
}

/**
 * This process's certificate and the authority of its peers, for gRPC, read again whenever `refresh`
 * is called: connections made from then on use the new ones. grpc-js' own
 * FileWatcherCertificateProvider hands on what it finds, so that a key which is written before its
 * certificate ends all service; this one keeps what was there until key and certificate fit.
 */
export class Certificates implements experimental.CertificateProvider {
  #loaded: Loaded;
  readonly #identityListeners = new Set<Listener<Identity>>();
  readonly #authorityListeners = new Set<Listener<Authority>>();

  /** Throws INVALID_SETTING, naming the setting. */
  constructor(
    private readonly files: TlsFiles,
    private readonly log: Logger,
  ) {
    this.#loaded = readFiles(files);
  }

  /** For a server; where an authority is named, its clients must show a certificate of it. */
  forServer(): ServerCredentials {
    const asksPeers = this.files.ca !== undefined;
    // Its declaration names the first two the other way round than they are used.
    return experimental.createCertificateProviderServerCredentials(
      this,
      asksPeers ? this : null,
      asksPeers,
    );
  }

  /** For a client; where no authority is named, servers are checked against the system's. */
  forClient(): ChannelCredentials {
    const identity = this.files.cert === undefined ? null : this;
    return experimental.createCertificateProviderChannelCredentials(this, identity);
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
    for (const listener of this.#authorityListeners) listener(loaded.authority);
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
    queueMicrotask(() => listener(this.#loaded.authority));
  }

  removeCaCertificateListener(listener: Listener<Authority>): void {
    this.#authorityListeners.delete(listener);
  }
}

function readFiles({ cert, key, ca }: TlsFiles): Loaded {
  const certificate = readPem('DEMETER_GRPC_TLS_CERT', cert);
  const privateKey = readPem('DEMETER_GRPC_TLS_KEY', key);
  const caCertificate = readPem('DEMETER_GRPC_TLS_CA', ca);
  try {
    createSecureContext({ cert: certificate, key: privateKey, ca: caCertificate });
  } catch (cause) {
    const message = `${cert} and ${key} are no certificate and its key, or ${ca} is none.`;
    throw new AppError('INVALID_SETTING', message, { field: 'DEMETER_GRPC_TLS_CERT', cause });
  }
  return {
    identity: certificate && privateKey ? { certificate, privateKey } : null,
    // grpc-js hands it to node:tls as it is, for which none are the system's.
    authority: { caCertificate } as Authority,
  };
}

function readPem(field: string, path: string | undefined): Buffer | undefined {
  try {
    return path === undefined ? undefined : readFileSync(path);
  } catch (cause) {
    const message = `${field} names ${path}, which cannot be read.`;
    throw new AppError('INVALID_SETTING', message, { field, cause });
  }
}

function fingerprint({ identity, authority }: Loaded): string {
  const hash = new Bun.CryptoHasher('sha256');
  const parts = [identity?.certificate, identity?.privateKey, authority.caCertificate];
  for (const part of parts) hash.update(part ?? '').update('\0');
  return hash.digest('hex');
}
