/** Small secrets (access tokens) sealed under the master key; a sealed string is bound to its context. */
import { CodedError } from '../../../errors.ts';
import type { SecretBox } from '../../../ports.ts';
import { openBytes, sealBytes } from './aes.ts';

const PREFIX = 'sealed:v1:';

export function createSecretBox(masterKey: Buffer): SecretBox {
  return {
    seal: (plain, context) => `${PREFIX}${sealBytes(masterKey, Buffer.from(plain), `secret|${context}`).toString('base64url')}`,
    open(sealed, context) {
      if (!sealed.startsWith(PREFIX)) throw new CodedError('secret.unreadable', 'not a sealed secret');
      try {
        return openBytes(masterKey, Buffer.from(sealed.slice(PREFIX.length), 'base64url'), `secret|${context}`).toString();
      } catch (error) {
        throw new CodedError('secret.unreadable', `cannot open: ${error instanceof Error ? error.message : 'unknown'}`);
      }
    },
  };
}
