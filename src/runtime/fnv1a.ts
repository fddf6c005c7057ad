/** A fast hash that is the same for ever: what it decides is stored. No defence against chosen texts. Pure. */

/** FNV-1a, 32 bits, signed, over UTF-16 code units. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash;
}
