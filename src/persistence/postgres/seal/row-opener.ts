/** Opening what one row of a page holds of a person. Must never know what the row is. */
import type { PersonalCodec } from './personal-codec.ts';

/**
 * One a row. What does not open (a key of another master key, changed bytes) comes as empty as after erasure, so that it costs
 * nobody else the page; `isUnreadable` says so from then on, and whoever shows the row tells it.
 */
export class RowOpener implements Pick<PersonalCodec, 'open'> {
  readonly #personal: Pick<PersonalCodec, 'open'>;
  #isUnreadable = false;

  constructor(personal: Pick<PersonalCodec, 'open'>) {
    this.#personal = personal;
  }

  get isUnreadable(): boolean {
    return this.#isUnreadable;
  }

  /** @returns undefined when the key is destroyed, or when it cannot be opened. */
  open(tenantId: number, subjectId: string, sealed: Buffer, aad: string): unknown {
    try {
      return this.#personal.open(tenantId, subjectId, sealed, aad);
    } catch {
      this.#isUnreadable = true;
      return undefined;
    }
  }
}
