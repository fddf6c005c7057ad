/**
 * The read-only copy of a tenant that every worker thread holds for `decide` of conversations and for quotes.
 * It may be a moment old: prices and stock are decided by the tenant actor alone.
 */
import type { Product, TenantSettings, TenantStatus } from './protocol.ts';

export interface TenantView {
  readonly tenantId: number;
  readonly uuid: string;
  readonly dataShard: number;
  readonly status: TenantStatus;
  /** Version (seq) of the tenant actor that this view shows; also the cache key of compiled search indexes. */
  readonly version: number;
  readonly settings: TenantSettings;
  readonly products: readonly Product[];
}
