/** Access tokens in the clear, for a moment: under load a token is opened once, not with every message. Must never write or log one. */
import { LRUCache } from 'lru-cache';
import type { SecretBox } from '../../../ports.ts';

/** How long an opened token is kept in the clear, and of how many shops. */
const OPENED_MS = 1_000;
const OPENED_MAX = 1_000;

export class OpenedTokens {
  readonly #secrets: SecretBox;
  readonly #opened = new LRUCache<string, { readonly uuid: string; readonly token: string }>({
    max: OPENED_MAX,
    ttl: OPENED_MS,
    ttlAutopurge: true,
  });

  constructor(secrets: SecretBox) {
    this.#secrets = secrets;
  }

  /** @param uuid of the tenant that the token was sealed for. @returns null when the key does not fit. */
  open(sealed: string, uuid: string): string | null {
    const known = this.#opened.get(sealed);
    if (known !== undefined && known.uuid === uuid) return known.token;
    try {
      const token = this.#secrets.open(sealed, `tenant:${uuid}:whatsapp.access_token`);
      this.#opened.set(sealed, { uuid, token });
      return token;
    } catch {
      // Counted as a failure by the caller; the reason could only name the key.
      return null;
    }
  }
}
