import { newId } from '@demeter/common/ids';
import type { Transaction } from '../db/database.ts';
import type { StockMovements } from '../db/schema.gen.ts';

/** Where a photo's movement came from. */
export interface PhotoOrigin {
  readonly photoSessionId: string;
  readonly runId: string;
  readonly sha256: Buffer;
  readonly pipelineDigest: Buffer;
  readonly configId: string | null;
}

export interface NewMovement {
  readonly organisationId: string;
  readonly batchId: string;
  readonly kind: StockMovements['kind'];
  /** Signed plants, never 0. */
  readonly quantity: number;
  readonly occurredAt: Date;
  /** "user:<id>" or "system". */
  readonly createdBy: string;
  readonly reason?: string | null;
  readonly transferId?: string;
  readonly counterOfId?: string;
  readonly origin?: PhotoOrigin;
  /** Of the request that wrote it; taken once. */
  readonly requestKey?: string | undefined;
}

/**
 * Writes one movement; the database adds it to its batch, and refuses the transaction where the
 * batch would go below 0 (STOCK_BELOW_ZERO). Answers its id.
 */
export async function writeMovement(trx: Transaction, movement: NewMovement): Promise<string> {
  const id = newId();
  const { origin } = movement;
  await trx
    .insertInto('stock_movements')
    .values({
      organisation_id: movement.organisationId,
      id,
      stock_batch_id: movement.batchId,
      kind: movement.kind,
      quantity: movement.quantity,
      occurred_at: movement.occurredAt,
      reason: movement.reason ?? null,
      created_by: movement.createdBy,
      request_key: movement.requestKey ?? null,
      transfer_id: movement.transferId ?? null,
      counter_of_id: movement.counterOfId ?? null,
      photo_session_id: origin?.photoSessionId ?? null,
      run_id: origin?.runId ?? null,
      photo_sha256: origin?.sha256 ?? null,
      pipeline_digest: origin?.pipelineDigest ?? null,
      storage_location_config_id: origin?.configId ?? null,
    })
    .execute();
  return id;
}
