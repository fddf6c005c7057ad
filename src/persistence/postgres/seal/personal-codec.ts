/** Encryption of personal data, as the journal and the read models need it. The key of a person can be destroyed; then `open` has nothing to say. */

export interface PersonalCodec {
  /** Makes the keys of these people ready for the synchronous calls below; creates the missing ones, durably. */
  ensure(people: readonly { readonly tenantId: number; readonly subjectId: string }[]): Promise<void>;
  /** Whether the key of this person is at hand (or known to be destroyed), so that `seal` needs no `ensure`. */
  knows(tenantId: number, subjectId: string): boolean;
  /** AES-256-GCM. @throws privacy.subject_erased when the key is destroyed; Error when `ensure` was not awaited. */
  seal(tenantId: number, subjectId: string, value: unknown, aad: string): Buffer;
  /** @returns undefined when the key is destroyed. @throws when the bytes or their place were changed. */
  open(tenantId: number, subjectId: string, sealed: Buffer, aad: string): unknown;
}
