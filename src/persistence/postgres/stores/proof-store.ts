/** Bytes of what proves deliveries, sealed for the customer. Implements the port of that name; must never know a picture from a note. */
import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type pg from 'pg';
import { CodedError } from '../../../errors.ts';
import type { ProofPlace, ProofStore } from '../../../ports.ts';
import type { PersonalCodec } from '../seal/personal-codec.ts';
import { inScope, readAsTenant, scopeTo } from '../tenant-scope.ts';

const KEY_BYTES = 32;

const INSERT = `insert into app.delivery_proofs (tenant_id, order_id, hash, subject_id, stored_at_ms, sealed)
  values ($1, $2, $3, $4, $5, $6) on conflict do nothing`;
const READ = 'select subject_id, sealed from app.delivery_proofs where tenant_id = $1 and order_id = $2 and hash = $3';

interface ProofRow {
  readonly subject_id: string;
  readonly sealed: Buffer;
}

interface ProofStoreOptions {
  /** Role wakala_writer. */
  readonly writer: pg.Pool;
  /** Role wakala_app. */
  readonly app: pg.Pool;
  readonly personal: PersonalCodec;
  /** 32 bytes. */
  readonly masterKey: Buffer;
  readonly nowMs: () => number;
}

export class PostgresProofStore implements ProofStore {
  readonly #options: ProofStoreOptions;
  readonly #hashKey: KeyObject;

  constructor(options: ProofStoreOptions) {
    this.#options = options;
    this.#hashKey = createSecretKey(Buffer.from(hkdfSync('sha256', options.masterKey, Buffer.alloc(0), 'wakala proof v1', KEY_BYTES)));
  }

  hashOf({ tenantId, orderId }: Pick<ProofPlace, 'tenantId' | 'orderId'>, bytes: Uint8Array): string {
    return createHmac('sha256', this.#hashKey).update(`${tenantId}|${orderId}|`).update(bytes).digest('base64url');
  }

  async put(place: ProofPlace, customerId: string, bytes: Uint8Array): Promise<'stored' | 'erased'> {
    const { personal, writer, nowMs } = this.#options;
    const { tenantId, orderId, hash } = place;
    await personal.ensure([{ tenantId, subjectId: customerId }]);
    let sealed: Buffer;
    try {
      sealed = personal.seal(tenantId, customerId, bytes, aadOf(place));
    } catch (error) {
      if (error instanceof CodedError && error.code === 'privacy.subject_erased') return 'erased';
      throw error;
    }
    await inScope(writer, scopeTo('tenants', [tenantId]), 'put_proof', INSERT, [
      tenantId,
      orderId,
      Buffer.from(hash, 'base64url'),
      customerId,
      nowMs(),
      sealed,
    ]);
    return 'stored';
  }

  async read(place: ProofPlace): Promise<Uint8Array | null> {
    const { app, personal } = this.#options;
    const { tenantId, orderId, hash } = place;
    const [row] = await readAsTenant<ProofRow>(app, tenantId, READ, [tenantId, orderId, Buffer.from(hash, 'base64url')]);
    if (row === undefined) return null;
    await personal.ensure([{ tenantId, subjectId: row.subject_id }]);
    const opened = personal.open(tenantId, row.subject_id, row.sealed, aadOf(place));
    return opened instanceof Uint8Array ? opened : null;
  }
}

function aadOf({ tenantId, orderId, hash }: ProofPlace): string {
  return `${tenantId}/proof/${orderId}/${hash}`;
}
