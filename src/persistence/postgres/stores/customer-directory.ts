/**
 * Who a sender is: blind indexes to a customer id, durable before anyone is told. Implements the port of that name.
 * It must never store or log a phone number or user id in the clear.
 */
import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import { CodedError } from '../../../errors.ts';
import type { CustomerDirectory, Notice } from '../../../ports.ts';
import { byteaArray, int4Array, textArray } from '../binary-arrays.ts';
import { Grouped } from '../grouped.ts';
import type { BlindIndex } from '../seal/blind-index.ts';
import type { PersonKeys } from '../seal/person-keys.ts';
import { SharedCount } from './shared-count.ts';

const PHONE = 1;
const USER_ID = 2;
/** Resolved senders kept on one thread. */
const KNOWN_MAX = 100_000;
/** Senders that may wait for the database; more are refused. */
const WAITING_MAX = 20_000;
/** Senders resolved by one query. */
const GROUP_MAX = 200;
const GROUPS_IN_FLIGHT = 2;
/** Before the id of a notice, so that it is nobody's user id. */
const NOTICE_PREFIX = 'moved:';
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_CHARACTERS = 20;

interface Contact {
  readonly waId: string | null;
  readonly userId: string | null;
}

interface Wanted extends Contact {
  readonly tenantId: number;
  readonly key: string;
  /** Under which it waits: who may stay a stranger waits apart. */
  readonly waitsAs: string;
  readonly mayStayStranger: boolean;
  resolve(customerId: string | null): void;
  reject(error: unknown): void;
}

interface KnownRow {
  readonly i: string;
  readonly by_phone: string | null;
  readonly by_user: string | null;
  /** Its customer has left the number. */
  readonly phone_left: boolean;
  /** The customer of the user id has left the number. */
  readonly user_left: boolean;
  readonly key_id: number | null;
  readonly wrapped_key: Buffer | null;
}

interface MovedRow {
  readonly customer_id: string;
  readonly key_id: number | null;
  readonly wrapped_key: Buffer | null;
  /** A number went from one customer to another. */
  readonly phone_moved: boolean;
}

interface ResolvedRow extends MovedRow {
  readonly i: string;
}

/** Invariant: who is known was read from the database after the last move of a number that is counted in `#knownAsOf`. */
export class PostgresCustomerDirectory implements CustomerDirectory {
  readonly #pool: pg.Pool;
  readonly #index: BlindIndex;
  readonly #keys: PersonKeys;
  /** Both keys together, as they were resolved: a changed pairing is asked for again. */
  readonly #known = new LRUCache<string, string>({ max: KNOWN_MAX });
  readonly #moves: SharedCount;
  /** The count of moves that what is known was seen under. */
  #knownAsOf: number;
  readonly #waiting = new Map<string, Promise<string | null>>();
  readonly #questions = new Grouped<Wanted>({
    max: GROUP_MAX,
    inFlightMax: GROUPS_IN_FLIGHT,
    ask: (group) => this.#ask(group),
    failed: (group, error) => {
      for (const wanted of group) this.#waiting.delete(wanted.waitsAs);
      for (const wanted of group) wanted.reject(error);
    },
  });

  /**
   * @param pool role wakala_directory
   * @param moves shared with the directories of the other threads; without it this one is alone
   */
  constructor(pool: pg.Pool, index: BlindIndex, keys: PersonKeys, moves = new SharedCount()) {
    this.#pool = pool;
    this.#index = index;
    this.#keys = keys;
    this.#moves = moves;
    // The thread whose place this one takes may have died between a move and the count of it.
    moves.happened();
    this.#knownAsOf = moves.count;
  }

  resolve(tenantId: number, contact: Contact): Promise<string> {
    return this.#seek(tenantId, contact, false) as Promise<string>;
  }

  known(tenantId: number, contact: Contact): Promise<string | null> {
    return this.#seek(tenantId, contact, true);
  }

  #seek(tenantId: number, { waId, userId }: Contact, mayStayStranger: boolean): Promise<string | null> {
    if (waId === null && userId === null) return Promise.reject(new TypeError('a contact without any key is nobody'));
    const key = `${tenantId}|${waId ?? ''}|${userId ?? ''}`;
    if (this.#knownAsOf !== this.#moves.count) this.#forget();
    const known = this.#known.get(key);
    if (known !== undefined) return Promise.resolve(known);
    const waitsAs = mayStayStranger ? `?${key}` : key;
    // Who is being introduced at this moment is no stranger.
    const waiting = this.#waiting.get(key) ?? this.#waiting.get(waitsAs);
    if (waiting !== undefined) return waiting;
    if (this.#waiting.size >= WAITING_MAX)
      return Promise.reject(new CodedError('runtime.overloaded', 'too many senders wait to be resolved'));
    const asked = new Promise<string | null>((resolve, reject) => {
      this.#questions.want({ tenantId, waId, userId, key, waitsAs, mayStayStranger, resolve, reject });
    });
    this.#waiting.set(waitsAs, asked);
    return asked;
  }

  async find(tenantId: number, key: { readonly waId: string } | { readonly userId: string }): Promise<string | null> {
    const [kind, value] = 'waId' in key ? [PHONE, key.waId] : [USER_ID, key.userId];
    const { rows } = await this.#pool.query<{ customer_id: string }>({
      name: 'find_customer',
      text: 'select customer_id from app.identities where tenant_id = $1 and kind = $2 and value_hash = $3',
      values: [tenantId, kind, this.#index.hash(tenantId, kind, value)],
    });
    return rows[0]?.customer_id ?? null;
  }

  async moved(tenantId: number, from: Contact, to: Contact, notice: Notice): Promise<string> {
    const fresh = newCustomerId();
    const hash = (kind: number, value: string | null): Buffer | null => this.#hash(tenantId, kind, value);
    const { rows } = await this.#pool.query<MovedRow>({
      name: 'move_customer',
      text: 'select customer_id, key_id, wrapped_key, phone_moved from app.move_customer($1, $2, $3, $4, $5, $6, $7, $8, $9)',
      values: [
        tenantId,
        hash(PHONE, from.waId),
        hash(USER_ID, from.userId),
        hash(PHONE, to.waId),
        hash(USER_ID, to.userId),
        hash(USER_ID, `${NOTICE_PREFIX}${notice.id}`),
        fresh,
        this.#keys.wrapNew(tenantId, fresh),
        new Date(notice.atMs),
      ],
    });
    const [row] = rows as [MovedRow];
    if (row.phone_moved) this.#moves.happened();
    if (row.key_id !== null) this.#keys.rememberIfSound(tenantId, row.customer_id, row.key_id, row.wrapped_key);
    return row.customer_id;
  }

  /** Most people are known already; only for the others something is written. */
  async #ask(group: readonly Wanted[]): Promise<void> {
    const asOf = this.#moves.count;
    const { rows } = await this.#pool.query<KnownRow>({
      name: 'known_customers',
      text: 'select i, by_phone, by_user, phone_left, user_left, key_id, wrapped_key from app.known_customers($1, $2, $3)',
      values: this.#identities(group),
    });
    const strangers: Wanted[] = [];
    for (const row of rows) {
      const wanted = group[Number(row.i) - 1] as Wanted;
      const phoneIsKnown = wanted.waId === null || row.by_phone !== null;
      const userIsKnown = wanted.userId === null || row.by_user !== null;
      const same = row.by_phone === null || row.by_user === null || row.by_phone === row.by_user || row.user_left;
      if (phoneIsKnown && userIsKnown && same) this.#found(wanted, (row.by_user ?? row.by_phone) as string, row, asOf);
      else if (wanted.mayStayStranger && row.by_phone === null && row.by_user === null) this.#settle(wanted, null);
      // What reached whoever has the number now was sent to the one who left it. Not to be remembered: who writes so is somebody else.
      else if (wanted.mayStayStranger && row.phone_left && row.by_user === null) this.#settle(wanted, row.by_phone);
      else strangers.push(wanted);
    }
    if (strangers.length > 0) await this.#introduce(strangers);
  }

  async #introduce(group: readonly Wanted[]): Promise<void> {
    const asOf = this.#moves.count;
    const fresh = group.map(newCustomerId);
    const { rows } = await this.#pool.query<ResolvedRow>({
      name: 'resolve_customers',
      text: 'select i, customer_id, key_id, wrapped_key, phone_moved from app.resolve_customers($1, $2, $3, $4, $5)',
      values: [
        ...this.#identities(group),
        textArray(fresh),
        byteaArray(group.map((wanted, i) => this.#keys.wrapNew(wanted.tenantId, fresh[i] as string))),
      ],
    });
    if (rows.length !== group.length) throw new Error(`${rows.length} answers for ${group.length} senders`);
    if (rows.some((row) => row.phone_moved)) this.#moves.happened();
    for (const row of rows) this.#found(group[Number(row.i) - 1] as Wanted, row.customer_id, row, asOf);
  }

  /** @param asOf the count of moves before the database was asked: what was read beside a move may be of before it. */
  #found(wanted: Wanted, customerId: string, key: Pick<MovedRow, 'key_id' | 'wrapped_key'>, asOf: number): void {
    if (key.key_id !== null) this.#keys.rememberIfSound(wanted.tenantId, customerId, key.key_id, key.wrapped_key);
    if (asOf === this.#knownAsOf && asOf === this.#moves.count) this.#known.set(wanted.key, customerId);
    this.#settle(wanted, customerId);
  }

  #forget(): void {
    this.#known.clear();
    this.#knownAsOf = this.#moves.count;
  }

  #settle(wanted: Wanted, customerId: string | null): void {
    this.#waiting.delete(wanted.waitsAs);
    wanted.resolve(customerId);
  }

  #identities(group: readonly Wanted[]): Buffer[] {
    return [
      int4Array(group.map((wanted) => wanted.tenantId)),
      byteaArray(group.map((wanted) => this.#hash(wanted.tenantId, PHONE, wanted.waId))),
      byteaArray(group.map((wanted) => this.#hash(wanted.tenantId, USER_ID, wanted.userId))),
    ];
  }

  #hash(tenantId: number, kind: number, value: string | null): Buffer | null {
    return value === null ? null : this.#index.hash(tenantId, kind, value);
  }
}

/** 100 random bits: the unique index on keys, not luck, keeps people apart; this only has to never repeat. */
function newCustomerId(): string {
  let id = 'cus_';
  for (const byte of randomBytes(ID_CHARACTERS)) id += ALPHABET[byte & 31];
  return id;
}
