/** Keeps one person one customer when a number or a user id is replaced. Must never know a chat. */
import type { CustomerDirectory, Notice } from '../../../ports.ts';
import type { Keys } from './people.ts';

/**
 * @param from who is known already. @param to the keys that are new; null for what stays.
 * @returns the customer whom the news is about; null when nothing is new.
 */
export async function follow(
  customers: Pick<CustomerDirectory, 'moved'>,
  tenantId: number,
  from: Keys,
  to: Keys,
  notice: Notice,
): Promise<string | null> {
  const waId = to.waId === from.waId ? null : to.waId;
  const userId = to.userId === from.userId ? null : to.userId;
  return waId === null && userId === null ? null : customers.moved(tenantId, from, { waId, userId }, notice);
}
