/** Reads back the `seq` that a client says to have. Knows no transport. */

const SEQ = /^\d{1,16}$/;

/** @returns null for none or nonsense. */
export function seqOf(text: string | undefined): number | null {
  return text !== undefined && SEQ.test(text) ? Number(text) : null;
}
