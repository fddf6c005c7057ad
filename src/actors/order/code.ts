/** The short name of an order that people say to each other. Pure; two orders of one day may share it, the id decides. */
import { fnv1a } from '../../runtime/fnv1a.ts';

/** Without 0 O 1 I L: read aloud and written on a bag. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const LENGTH = 3;

export function orderCode(orderId: string): string {
  let rest = fnv1a(orderId) >>> 0;
  let code = '';
  for (let i = 0; i < LENGTH; i++) {
    code += ALPHABET[rest % ALPHABET.length];
    rest = Math.floor(rest / ALPHABET.length);
  }
  return code;
}
