/**
 * The read-only copy of a tenant that every worker thread holds for `decide` of conversations and for quotes.
 * It may be a moment old: prices and stock are decided by the tenant actor alone.
 */
import type { Product, TenantSettings, TenantStatus } from './protocol.ts';
import type { TenantEvent } from './state.ts';

export interface TenantView {
  readonly tenantId: number;
  readonly uuid: string;
  readonly dataShard: number;
  readonly status: TenantStatus;
  /** Sequence number of the last event of the tenant that changed more than counted stock; a copy never goes back. */
  readonly version: number;
  readonly settings: TenantSettings;
  readonly products: readonly Product[];
}

/** What of a view these events change; the first that there is: every sale is `stock` at most, and there are many. */
export type ViewChange = 'all' | 'stock' | 'nothing';

export function viewChange(events: readonly TenantEvent[]): ViewChange {
  let change: ViewChange = 'nothing';
  for (const event of events) {
    switch (event.type) {
      case 'stock_reserved':
      case 'reservation_ended':
        if (event.data.moves.length > 0) change = 'stock';
        break;
      case 'reservation_committed':
      case 'expiry_moved':
        break;
      default:
        return 'all';
    }
  }
  return change;
}
