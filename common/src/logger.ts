import { AsyncLocalStorage } from 'node:async_hooks';
import pino from 'pino';
import pretty from 'pino-pretty';
import type { Values } from './config.ts';

export type Logger = pino.Logger;

/** What one request or one photo's journey carries into every line logged under it. */
export interface LogContext {
  readonly correlation_id?: string;
  readonly method?: string;
  readonly path?: string;
  readonly user_id?: string;
}

const context = new AsyncLocalStorage<LogContext>();

/** Runs `run` so that every line it logs carries `fields`. */
export function withLogContext<T>(fields: LogContext, run: () => T): T {
  return context.run({ ...context.getStore(), ...fields }, run);
}

/** The correlation id of the work under way. */
export function correlationId(): string | undefined {
  return context.getStore()?.correlation_id;
}

/** Logs to stderr: JSON lines with timestamp, level, message and the context, or pretty. */
export function createLogger(service: string, values: Values): Logger {
  const development = values.APP_ENV === 'development';
  const level = values.DEBUG
    ? 'debug'
    : values.LOG_LEVEL === 'profile'
      ? development
        ? 'debug'
        : 'info'
      : values.LOG_LEVEL.toLowerCase().replace('warning', 'warn');
  const json = values.LOG_FORMAT === 'profile' ? !development : values.LOG_FORMAT === 'json';
  const options: pino.LoggerOptions = {
    level,
    base: { service },
    messageKey: 'message',
    timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label.toUpperCase() }) },
    mixin: () => ({ ...context.getStore() }),
    redact: ['token', 'authorization', 'password', 'secret', '*.authorization', '*.cookie'],
  };
  if (json) return pino(options, pino.destination({ dest: 2, sync: true }));
  return pino(
    options,
    pretty({
      destination: 2,
      sync: true,
      messageKey: 'message',
      timestampKey: 'timestamp',
      ignore: 'service',
      messageFormat: '{service}: {message}',
    }),
  );
}
