/** Who a sender is: blind indexes to a customer id, durable before anyone is told. Implements the port of that name. */
import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import type { CustomerDirectory } from '../../ports.ts';
import { byteaArray, int4Array, textArray } from './binary-arrays.ts';
import type { BlindIndex } from './blind-index.ts';
import type { PersonKeys } from './person-keys.ts';

const PHONE = 1;
const USER_ID = 2;
const CACHE_MAX = 200_000;
/** Senders resolved by one query. */
const GROUP_MAX = 200;
const GROUPS_IN_FLIGHT = 2;
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_CHARACTERS = 20;

interface Wanted {
  readonly tenantId: number;
  readonly waId: string | null;
  readonly userId: string | null;
  resolve(customerId: string): void;
  reject(error: unknown): void;
}

export class PostgresCustomerDirectory implements CustomerDirectory {
  readonly #pool: pg.Pool;
  readonly #index: BlindIndex;
  readonly #keys: PersonKeys;
  /** Both keys together, as they were resolved: a changed pairing is asked for again. */
  readonly #known = new LRUCache<string, string>({ max: CACHE_MAX });
  #wanted: Wanted[] = [];
  #scheduled = false;
  #inFlight = 0;

  /** @param pool role wakala_directory */
  constructor(pool: pg.Pool, index: BlindIndex, keys: PersonKeys) {
    this.#pool = pool;
    this.#index = index;
    this.#keys = keys;
  }

  resolve(tenantId: number, contact: { readonly waId: string | null; readonly userId: string | null }): Promise<string> {
    const known = this.#known.get(`${tenantId}|${contact.waId ?? ''}|${contact.userId ?? ''}`);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      this.#wanted.push({ tenantId, waId: contact.waId, userId: contact.userId, resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#pump();
      });
    });
  }

  async find(tenantId: number, key: { readonly waId: string } | { readonly userId: string }): Promise<string | null> {
    const [kind, value] = 'waId' in key ? [PHONE, key.waId] : [USER_ID, key.userId];
    const { rows } = await this.#pool.query<{ customer_id: string }>(
      'select customer_id from app.identities where tenant_id = $1 and kind = $2 and value_hash = $3',
      [tenantId, kind, this.#index.hash(tenantId, kind, value)],
    );
    return rows[0]?.customer_id ?? null;
  }

  #pump(): void {
    while (this.#wanted.length > 0 && this.#inFlight < GROUPS_IN_FLIGHT) {
      const group = this.#wanted.splice(0, GROUP_MAX);
      this.#inFlight++;
      this.#ask(group)
        .catch((error: unknown) => {
          for (const wanted of group) wanted.reject(error);
        })
        .finally(() => {
          this.#inFlight--;
          this.#pump();
        });
    }
  }

  async #ask(group: readonly Wanted[]): Promise<void> {
    // Sorted by hash, so that two threads that meet lock in one order.
    const sorted = group
      .map((wanted) => ({
        wanted,
        phone: wanted.waId === null ? null : this.#index.hash(wanted.tenantId, PHONE, wanted.waId),
        user: wanted.userId === null ? null : this.#index.hash(wanted.tenantId, USER_ID, wanted.userId),
      }))
      .sort((a, b) => Buffer.compare(a.user ?? (a.phone as Buffer), b.user ?? (b.phone as Buffer)));
    const { rows } = await this.#pool.query<{ i: string; customer_id: string }>({
      name: 'resolve_customers',
      text: `select w.i, app.resolve_customer(w.t, w.phone, w.user_id, w.fresh) as customer_id
        from unnest($1::int[], $2::bytea[], $3::bytea[], $4::text[]) with ordinality as w (t, phone, user_id, fresh, i)`,
      values: [
        int4Array(sorted.map((s) => s.wanted.tenantId)),
        byteaArray(sorted.map((s) => s.phone)),
        byteaArray(sorted.map((s) => s.user)),
        textArray(sorted.map(() => newCustomerId())),
      ],
    });
    await this.#keys.ensure(rows.map((row) => ({ tenantId: (sorted[Number(row.i) - 1] as (typeof sorted)[0]).wanted.tenantId, subjectId: row.customer_id })));
    for (const row of rows) {
      const { wanted } = sorted[Number(row.i) - 1] as (typeof sorted)[0];
      this.#known.set(`${wanted.tenantId}|${wanted.waId ?? ''}|${wanted.userId ?? ''}`, row.customer_id);
      wanted.resolve(row.customer_id);
    }
  }
}

function newCustomerId(): string {
  let id = 'cus_';
  for (const byte of randomBytes(ID_CHARACTERS)) id += ALPHABET[byte & 31];
  return id;
}
