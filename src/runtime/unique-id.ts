/** Ids that replay to themselves: a pure function of the entity, its sequence number and a salt. */
import { type EntityRef, entityKey } from './entity.ts';
import { commandHash } from './recent-commands.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

function base32(value: number, characters: number): string {
  let rest = value;
  let text = '';
  for (let i = 0; i < characters; i++) {
    text = (ALPHABET[rest % 32] as string) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/** 20 Crockford base-32 characters (100 bits of two hashes). Unique for distinct inputs in practice, not secret. */
export function uniqueId(ref: EntityRef, seq: number, salt: string): string {
  const key = `${entityKey(ref)}#${seq}#${salt}`;
  return base32(commandHash(key), 10) + base32(commandHash(`${salt}~${key}`), 10);
}
