/**
 * One data key per person, wrapped by the master key. Destroying the wrapped key is erasure: everything that was
 * sealed with it becomes unreadable at once, in journal, snapshots, read models and backups. Must never know what it seals.
 */
import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import { CodedError } from '../../../errors.ts';
import { byteaArray, int4Array, textArray } from '../binary-arrays.ts';
import { decode, encode } from '../encoding.ts';
import { openBytes, sealBytes } from './aes.ts';
import type { PersonalCodec } from './personal-codec.ts';

const KEY_BYTES = 32;
/** People whose keys are held unwrapped on one thread. Must exceed the people of one batch: `seal` needs what `ensure` loaded. */
const KEYS_MAX = 200_000;
/** People asked for by one statement. */
const ENSURE_MAX = 1_000;
const ERASED = Symbol('erased');
const NIL = Buffer.of(0xc0);

interface DataKey {
  readonly id: number;
  readonly key: Uint8Array;
}

type Known = DataKey | typeof ERASED;

/** The keys under one subject id: of one person, and of another tenant's that by chance is called the same. */
interface Entry {
  readonly tenantId: number;
  readonly known: Known;
  readonly next: Entry | null;
}

interface Person {
  readonly tenantId: number;
  readonly subjectId: string;
}

interface KeyRow {
  readonly tenant_id: number;
  readonly subject_id: string;
  readonly key_id: number;
  readonly wrapped_key: Buffer | null;
}

export class PersonKeys implements PersonalCodec {
  readonly #pool: pg.Pool;
  readonly #master: Buffer;
  /** By subject id alone: a joint key would have to be built and hashed anew at each of several looks a message. */
  readonly #keys = new LRUCache<string, Entry>({ max: KEYS_MAX });
  /** Whoever was found last: asked for again at once, for each value that is sealed. */
  #last: (Person & { readonly known: Known }) | null = null;

  /** @param pool role wakala_directory. @param masterKey 32 bytes. */
  constructor(pool: pg.Pool, masterKey: Buffer) {
    if (masterKey.length !== KEY_BYTES) throw new RangeError(`the master key must have ${KEY_BYTES} bytes`);
    this.#pool = pool;
    this.#master = masterKey;
  }

  /** Afterwards `seal` and `open` work for these people, but for those whose stored key does not open. Rejects when the database is away. */
  async ensure(people: readonly Person[]): Promise<void> {
    // `get` and not `has`: it makes the known ones recent, so that the missing ones cannot push them out.
    const missing = people.filter((person) => this.#find(person.tenantId, person.subjectId) === null);
    for (let at = 0; at < missing.length; at += ENSURE_MAX) await this.#fetch(missing.slice(at, at + ENSURE_MAX));
  }

  knows(tenantId: number, subjectId: string): boolean {
    return this.#find(tenantId, subjectId) !== null;
  }

  seal(tenantId: number, subjectId: string, value: unknown, aad: string): Buffer {
    const known = this.#known(tenantId, subjectId);
    if (known === ERASED) throw new CodedError('privacy.subject_erased', 'the key of this person is destroyed');
    return sealBytes(known.key, encode(value) ?? NIL, aad, known.id);
  }

  open(tenantId: number, subjectId: string, sealed: Buffer, aad: string): unknown {
    const known = this.#known(tenantId, subjectId);
    return known === ERASED ? undefined : decode(openBytes(known.key, sealed, aad, known.id));
  }

  /** A new key, wrapped for storage. Whether it becomes the person's key the database decides. */
  wrapNew(tenantId: number, subjectId: string): Buffer {
    return sealBytes(this.#master, randomBytes(KEY_BYTES), wrapAad(tenantId, subjectId));
  }

  /** Keeps what the database told. @param wrapped null for a destroyed key. @throws when the wrapped key is another person's or another master's. */
  remember(tenantId: number, subjectId: string, keyId: number, wrapped: Buffer | null): void {
    // An answer that was under way while the key was destroyed must not bring it back.
    if (this.#find(tenantId, subjectId) === ERASED) return;
    // A copy that V8 keeps inside its object: a buffer has a store of its own, or keeps a whole pool alive.
    const known =
      wrapped === null ? ERASED : { id: keyId, key: Uint8Array.from(openBytes(this.#master, wrapped, wrapAad(tenantId, subjectId))) };
    this.#put(tenantId, subjectId, known);
  }

  /** Destroys the person's keys and the snapshots sealed with them, durably. Idempotent; nothing for an unknown person. Other threads learn by `forget`. */
  async shred(tenantId: number, subjectId: string): Promise<void> {
    await this.#pool.query('select app.shred_subject($1, $2)', [tenantId, subjectId]);
    this.#put(tenantId, subjectId, ERASED);
  }

  /** The next `ensure` asks the database again. */
  forget(tenantId: number, subjectId: string): void {
    const others = without(this.#keys.peek(subjectId) ?? null, tenantId);
    this.#last = null;
    if (others === null) this.#keys.delete(subjectId);
    else this.#keys.set(subjectId, others);
  }

  async #fetch(people: readonly Person[]): Promise<void> {
    const { rows } = await this.#pool.query<KeyRow>({
      name: 'ensure_keys',
      text: 'select tenant_id, subject_id, key_id, wrapped_key from app.ensure_subject_keys($1, $2, $3)',
      values: [
        int4Array(people.map((person) => person.tenantId)),
        textArray(people.map((person) => person.subjectId)),
        byteaArray(people.map((person) => this.wrapNew(person.tenantId, person.subjectId))),
      ],
    });
    for (const row of rows) this.rememberIfSound(row.tenant_id, row.subject_id, row.key_id, row.wrapped_key);
  }

  /** As `remember`, but a key that does not open is left out: whoever seals or opens for that person hears of it, and nobody else. */
  rememberIfSound(tenantId: number, subjectId: string, keyId: number, wrapped: Buffer | null): void {
    try {
      this.remember(tenantId, subjectId, keyId, wrapped);
    } catch {
      // Not kept as broken: a key that is put back in place is read with the next message.
    }
  }

  #known(tenantId: number, subjectId: string): Known {
    const known = this.#find(tenantId, subjectId);
    if (known === null) throw new Error('the key is not loaded (ensure comes first), or does not open under this master key');
    return known;
  }

  /** Makes it recent. @returns null when it is not at hand. */
  #find(tenantId: number, subjectId: string): Known | null {
    if (this.#last !== null && this.#last.subjectId === subjectId && this.#last.tenantId === tenantId) return this.#last.known;
    let entry: Entry | null = this.#keys.get(subjectId) ?? null;
    while (entry !== null && entry.tenantId !== tenantId) entry = entry.next;
    if (entry === null) return null;
    this.#last = { tenantId, subjectId, known: entry.known };
    return entry.known;
  }

  #put(tenantId: number, subjectId: string, known: Known): void {
    this.#last = null;
    this.#keys.set(subjectId, { tenantId, known, next: without(this.#keys.peek(subjectId) ?? null, tenantId) });
  }
}

function without(entry: Entry | null, tenantId: number): Entry | null {
  if (entry === null) return null;
  const next = without(entry.next, tenantId);
  return entry.tenantId === tenantId ? next : { ...entry, next };
}

function wrapAad(tenantId: number, subjectId: string): string {
  return `${tenantId}|${subjectId}`;
}
