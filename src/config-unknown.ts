/**
 * Variables that bear our prefix and that nothing knows: most likely one that somebody meant otherwise. It must never hold a value: a
 * misspelt secret is still a secret.
 */
import { distance } from 'fastest-levenshtein';

export interface UnknownVariable {
  readonly name: string;
  /** The known name that was probably meant; null when none is near. */
  readonly near: string | null;
}

const PREFIX = /^WAKALA_/i;
/** Slips that a name of any length may have, and beyond that one in so many letters: a forgotten unit at the end of a long name is near. */
const SLIPS_MIN = 2;
const LETTERS_A_SLIP = 3;

/** @param set names that the environment has. @param known every name of the schema. @returns in the order of the alphabet. */
export function unknownVariables(set: readonly string[], known: readonly string[]): readonly UnknownVariable[] {
  return set
    .filter((name) => PREFIX.test(name) && !known.includes(name))
    .sort()
    .map((name) => ({ name, near: nearest(name, known) }));
}

/** Like `WAKALA_WORKER (did you mean WAKALA_WORKERS?), WAKALA_X`; empty when there are none. */
export function sayUnknown(variables: readonly UnknownVariable[]): string {
  return variables.map(({ name, near }) => (near === null ? name : `${name} (did you mean ${near}?)`)).join(', ');
}

/** Compared without the prefix, which some of ours do not have: `WAKALA_DATABASE_URL` is near `DATABASE_URL`. */
function nearest(name: string, known: readonly string[]): string | null {
  const meant = stem(name);
  let best: string | null = null;
  let slips = Math.max(SLIPS_MIN, Math.floor(meant.length / LETTERS_A_SLIP)) + 1;
  for (const one of known) {
    const between = distance(meant, stem(one));
    if (between >= slips) continue;
    best = one;
    slips = between;
  }
  return best;
}

function stem(name: string): string {
  return name.toUpperCase().replace(PREFIX, '');
}
