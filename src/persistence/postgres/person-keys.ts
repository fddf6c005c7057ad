/**
 * One data key per person, wrapped by the master key. Destroying the wrapped key is erasure: everything that was
 * sealed with it becomes unreadable at once, in journal, snapshots, read models and backups.
 */
import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import { CodedError } from '../../errors.ts';
import { openBytes, sealBytes } from './aes.ts';
import { byteaArray, int4Array, textArray } from './binary-arrays.ts';
import { decode, encode } from './encoding.ts';
import type { PersonalCodec } from './personal-codec.ts';

const KEY_BYTES = 32;
/** People whose keys are held unwrapped on one thread. */
const KEYS_MAX = 200_000;
const ERASED = Symbol('erased');

type Known = Buffer | typeof ERASED;

interface KeyRow {
  readonly tenant_id: number;
  readonly subject_id: string;
  readonly wrapped_key: Buffer | null;
}

export class PersonKeys implements PersonalCodec {
  readonly #pool: pg.Pool;
  readonly #master: Buffer;
  readonly #keys = new LRUCache<string, { key: Known }>({ max: KEYS_MAX });

  /** @param pool role wakala_directory. @param masterKey 32 bytes. */
  constructor(pool: pg.Pool, masterKey: Buffer) {
    this.#pool = pool;
    this.#master = masterKey;
  }

  async ensure(people: readonly { readonly tenantId: number; readonly subjectId: string }[]): Promise<void> {
    const missing = people.filter((person) => !this.#keys.has(cacheKey(person.tenantId, person.subjectId)));
    if (missing.length === 0) return;
    const fresh = missing.map((person) => this.wrapNew(person.tenantId, person.subjectId));
    const values = [int4Array(missing.map((p) => p.tenantId)), textArray(missing.map((p) => p.subjectId)), byteaArray(fresh)];
    const { rows } = await this.#pool.query<KeyRow>({ name: 'ensure_keys', text: 'select tenant_id, subject_id, wrapped_key from app.ensure_subject_keys($1, $2, $3)', values });
    for (const row of rows) this.remember(row.tenant_id, row.subject_id, row.wrapped_key);
  }

  seal(tenantId: number, subjectId: string, value: unknown, aad: string): Buffer {
    const key = this.#known(tenantId, subjectId);
    if (key === ERASED) throw new CodedError('privacy.subject_erased', 'the key of this person is destroyed');
    return sealBytes(key, encode(value) ?? Buffer.of(0xc0), aad);
  }

  open(tenantId: number, subjectId: string, sealed: Buffer, aad: string): unknown {
    const key = this.#known(tenantId, subjectId);
    return key === ERASED ? undefined : decode(openBytes(key, sealed, aad));
  }

  /** A new key, wrapped for storage. Whether it becomes the person's key the database decides. */
  wrapNew(tenantId: number, subjectId: string): Buffer {
    return sealBytes(this.#master, randomBytes(KEY_BYTES), `${tenantId}|${subjectId}`);
  }

  /** @param wrapped null for a destroyed key. */
  remember(tenantId: number, subjectId: string, wrapped: Buffer | null): void {
    const key: Known = wrapped === null ? ERASED : openBytes(this.#master, wrapped, `${tenantId}|${subjectId}`);
    this.#keys.set(cacheKey(tenantId, subjectId), { key });
  }

  /** Destroys the key, and the snapshots that are sealed with it. Other threads learn by `forget`. */
  async shred(tenantId: number, subjectId: string): Promise<void> {
    await this.#pool.query('select app.shred_subject($1, $2)', [tenantId, subjectId]);
    this.#keys.set(cacheKey(tenantId, subjectId), { key: ERASED });
  }

  forget(tenantId: number, subjectId: string): void {
    this.#keys.delete(cacheKey(tenantId, subjectId));
  }

  #known(tenantId: number, subjectId: string): Known {
    const known = this.#keys.get(cacheKey(tenantId, subjectId));
    if (known === undefined) throw new Error('key not loaded: ensure comes first');
    return known.key;
  }
}

function cacheKey(tenantId: number, subjectId: string): string {
  return `${tenantId}/${subjectId}`;
}
