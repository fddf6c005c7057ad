/** A short name for a parked part, so that the same part delivered again is parked once. */
import { createHash } from 'node:crypto';

export function digestKey(reason: string, body: unknown): string {
  return createHash('sha256')
    .update(reason)
    .update(JSON.stringify(body) ?? '')
    .digest('base64url');
}
