/** Look-up keys for encrypted values: equal values have equal hashes, and nobody without the master key can make them. */
import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

export class BlindIndex {
  readonly #key: KeyObject;

  constructor(masterKey: Buffer) {
    this.#key = createSecretKey(Buffer.from(hkdfSync('sha256', masterKey, Buffer.alloc(0), 'wakala blind index v1', 32)));
  }

  hash(tenantId: number, kind: number, value: string): Buffer {
    return createHmac('sha256', this.#key).update(`${tenantId}|${kind}|${value}`).digest();
  }
}
