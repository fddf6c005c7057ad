/** The directory of a simulated node: one shop, as its rows in the read models say. It must never ask an actor. */
import type { TenantSettings } from '../../src/actors/tenant/protocol.ts';
import type { TenantView } from '../../src/actors/tenant/view.ts';
import type { TenantAddress, TenantDirectory } from '../../src/ports.ts';
import type { MemoryStore } from '../support/memory-store.ts';

/** Read anew when the actor has changed it. */
export class Tenants implements TenantDirectory {
  readonly #database: MemoryStore;
  readonly #address: TenantAddress;
  #view: TenantView | null = null;

  constructor(database: MemoryStore, address: TenantAddress) {
    this.#database = database;
    this.#address = address;
  }

  async byPhoneNumberId(phoneNumberId: string): Promise<TenantAddress | null> {
    return phoneNumberId === this.#address.phoneNumberId ? this.#address : null;
  }

  async byUuid(): Promise<TenantAddress | null> {
    return this.#address;
  }

  async claim(): Promise<never> {
    throw new Error('no tenant is made here');
  }

  async list() {
    return { items: [this.#address], nextCursor: null };
  }

  async view(tenantId: number): Promise<TenantView | null> {
    return this.peekView(tenantId);
  }

  peekView(tenantId: number): TenantView | null {
    this.#view ??= this.#read(tenantId);
    return this.#view;
  }

  invalidate(): void {
    this.#view = null;
  }

  #read(tenantId: number): TenantView | null {
    const { uuid, dataShard, status } = this.#address;
    const products = new Map<unknown, TenantView['products'][number]>();
    let settings: TenantSettings | null = null;
    let version = 0;
    for (const { op, row } of this.#database.readModels) {
      if (op === 'product.upsert') products.set(row.productId, row.body as TenantView['products'][number]);
      else if (op === 'tenant.upsert') {
        settings = row.settings as TenantSettings;
        version = row.version as number;
      }
    }
    if (settings === null) return null;
    return { tenantId, uuid, dataShard, status: status as TenantView['status'], version, settings, products: [...products.values()] };
  }
}
