import {
  Counter,
  type CounterConfiguration,
  collectDefaultMetrics,
  Histogram,
  Registry,
} from 'prom-client';

/** The core's metrics; names of the original system are kept (decisions, "Conventions"). */
export interface Metrics {
  readonly registry: Registry;
  readonly requests: Counter<'handler' | 'method' | 'status'>;
  readonly requestSeconds: Histogram<'handler' | 'method'>;
  readonly stockOperations: Counter<'operation_type'>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requests: new Counter({
      name: 'http_requests_total',
      help: 'Requests answered.',
      labelNames: ['handler', 'method', 'status'],
      registers: [registry],
    }),
    requestSeconds: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Seconds from the request to the head of the answer.',
      labelNames: ['handler', 'method'],
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers: [registry],
    }),
    stockOperations: new Counter({
      name: 'demeter_stock_operations_total',
      help: 'Movements and decisions written.',
      labelNames: ['operation_type'],
      registers: [registry],
    }),
  };
}

/** The counter of this name; it is made when it is first asked for, from wherever that is. */
export function counterOf<T extends string = string>(
  registry: Registry,
  counter: Omit<CounterConfiguration<T>, 'registers'>,
): Counter<T> {
  const known = registry.getSingleMetric(counter.name) as Counter<T> | undefined;
  return known ?? new Counter({ ...counter, registers: [registry] });
}
