/**
 * Keeps one person one customer when a number or a user id is replaced. The directory attaches a key that it does not know to
 * the customer of the key beside it, so the old and the new key are shown to it with one that they share. Must never know a chat.
 */
import type { CustomerDirectory } from '../../../ports.ts';
import type { Keys } from './people.ts';

/**
 * @param from who is known already. @param to the keys that are new; null for what stays. @param id of the news: where no key stays, a
 * made-up one of that name is shared. Never one that follows from the old key: numbers are given to other people later.
 */
export async function follow(
  customers: Pick<CustomerDirectory, 'resolve'>,
  tenantId: number,
  from: Keys,
  to: Keys,
  id: string,
): Promise<void> {
  const bridge = `moved:${id}`;
  if (to.userId !== null && to.userId !== from.userId) {
    if (from.waId === null) await customers.resolve(tenantId, { waId: bridge, userId: from.userId });
    await customers.resolve(tenantId, { waId: from.waId ?? bridge, userId: to.userId });
  }
  if (to.waId !== null && to.waId !== from.waId) {
    if (from.userId === null) await customers.resolve(tenantId, { waId: from.waId, userId: bridge });
    await customers.resolve(tenantId, { waId: to.waId, userId: from.userId ?? bridge });
  }
}
