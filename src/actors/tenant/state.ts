/**
 * The tenant's state and how events change it. `evolve` owns the state it is given and may change it in place: the
 * runtime keeps no older one and recovers from the journal after a failure. Plain data, because snapshots store it.
 */
import type { DomainEvent, EventMeta } from '../../runtime/behaviour.ts';
import type { LineRequest, Product, ProductInput, Quote, TenantSettings, TenantStatus } from './protocol.ts';

/** Orders that overtook their own commitment, which follows as soon as it can: far more than are ever under way at once. */
const SETTLED_EARLY_MAX = 1_000;

interface Reservation {
  readonly lines: readonly LineRequest[];
  /** What left the shelf for it; exactly that returns. Empty for products that were not counted at the time. */
  readonly moves: readonly StockMove[];
  /** null when an expired reservation was taken again for its order. */
  readonly quote: Quote | null;
  /** null once the order exists. */
  readonly expiresAtMs: number | null;
}

export interface TenantActorState {
  uuid: string | null;
  dataShard: number;
  status: TenantStatus;
  settings: TenantSettings | null;
  version: number;
  createdAtMs: number;
  readonly products: Record<string, Product>;
  readonly reservations: Record<string, Reservation>;
  reservationCount: number;
  /** Settled before their commitment had come, oldest first: it takes nothing when it does. Absent until there is one. */
  settledEarly?: readonly string[];
  /** When the timer `reservations` is due: at or before the earliest expiry. null when no reservation can expire. */
  nextExpiryAtMs: number | null;
}

/** Reply of `get`, `provision`, `suspend`, `resume` and `change_settings`. */
export interface TenantStateView {
  readonly uuid: string;
  readonly dataShard: number;
  readonly status: TenantStatus;
  readonly settings: TenantSettings;
  readonly version: number;
  readonly createdAtMs: number;
}

export interface StockMove {
  readonly productId: string;
  /** Negative takes from the shelf. */
  readonly units: number;
}

type ProductPatch = Partial<ProductInput & { available: boolean }>;

export type TenantEvent = DomainEvent &
  (
    | {
        readonly type: 'tenant_provisioned';
        readonly data: {
          readonly uuid: string;
          readonly dataShard: number;
          readonly settings: TenantSettings;
          readonly status: TenantStatus;
        };
      }
    | { readonly type: 'settings_changed'; readonly data: { readonly patch: Partial<TenantSettings> } }
    | { readonly type: 'status_changed'; readonly data: { readonly status: TenantStatus } }
    | { readonly type: 'product_saved'; readonly data: { readonly product: Product } }
    | { readonly type: 'product_changed'; readonly data: { readonly productId: string; readonly patch: ProductPatch } }
    | { readonly type: 'product_removed'; readonly data: { readonly productId: string } }
    | { readonly type: 'stock_reserved'; readonly data: { readonly reservationId: string } & Reservation }
    | { readonly type: 'reservation_committed'; readonly data: { readonly reservationId: string } }
    /** `moves` is empty when the goods are gone for good (settled). */
    | {
        readonly type: 'reservation_ended';
        readonly data: {
          readonly reservationIds: readonly string[];
          readonly moves: readonly StockMove[];
          readonly why: 'released' | 'expired' | 'settled';
        };
      }
    | { readonly type: 'expiry_moved'; readonly data: { readonly nextExpiryAtMs: number | null } }
  );

/** A fresh state at every call, because `evolveTenant` changes it. */
export function initialTenant(): TenantActorState {
  return {
    uuid: null,
    dataShard: 0,
    status: 'provisioning',
    settings: null,
    version: 0,
    createdAtMs: 0,
    products: {},
    reservations: {},
    reservationCount: 0,
    nextExpiryAtMs: null,
  };
}

export function evolveTenant(state: TenantActorState, event: TenantEvent, meta: Pick<EventMeta, 'seq' | 'atMs'>): TenantActorState {
  state.version = meta.seq;
  switch (event.type) {
    case 'tenant_provisioned':
      state.uuid = event.data.uuid;
      state.dataShard = event.data.dataShard;
      state.settings = event.data.settings;
      state.status = event.data.status;
      state.createdAtMs = meta.atMs;
      return state;
    case 'settings_changed':
      if (state.settings !== null) state.settings = { ...state.settings, ...event.data.patch };
      return state;
    case 'status_changed':
      state.status = event.data.status;
      return state;
    case 'product_saved':
      state.products[event.data.product.id] = event.data.product;
      return state;
    case 'product_changed': {
      const product = productOf(state, event.data.productId);
      if (product !== null) state.products[product.id] = { ...product, ...event.data.patch, id: product.id };
      return state;
    }
    case 'product_removed':
      delete state.products[event.data.productId];
      return state;
    case 'stock_reserved': {
      const { reservationId, ...reservation } = event.data;
      const { moves, expiresAtMs } = reservation;
      if (reservationOf(state, reservationId) === null) state.reservationCount++;
      state.reservations[reservationId] = reservation;
      if (expiresAtMs !== null) state.nextExpiryAtMs = Math.min(state.nextExpiryAtMs ?? expiresAtMs, expiresAtMs);
      moveStock(state, moves);
      return state;
    }
    case 'reservation_committed': {
      const known = reservationOf(state, event.data.reservationId);
      if (known !== null) state.reservations[event.data.reservationId] = { ...known, expiresAtMs: null };
      return state;
    }
    case 'reservation_ended':
      for (const id of event.data.reservationIds) {
        const known = reservationOf(state, id);
        if (known !== null) state.reservationCount--;
        if (event.data.why === 'settled' && known !== null && known.expiresAtMs !== null) rememberSettledEarly(state, id);
        delete state.reservations[id];
      }
      moveStock(state, event.data.moves);
      return state;
    case 'expiry_moved':
      state.nextExpiryAtMs = event.data.nextExpiryAtMs;
      return state;
    default:
      return assertNever(event);
  }
}

/** Ids come from clients: `constructor` must not find what every object inherits. */
export function productOf(state: TenantActorState, productId: string): Product | null {
  return Object.hasOwn(state.products, productId) ? (state.products[productId] ?? null) : null;
}

export function reservationOf(state: TenantActorState, reservationId: string): Reservation | null {
  return Object.hasOwn(state.reservations, reservationId) ? (state.reservations[reservationId] ?? null) : null;
}

function rememberSettledEarly(state: TenantActorState, reservationId: string): void {
  state.settledEarly = [...(state.settledEarly ?? []), reservationId].slice(-SETTLED_EARLY_MAX);
}

/** A product that was removed, or is no longer counted, has no shelf to return to. */
function moveStock(state: TenantActorState, moves: readonly StockMove[]): void {
  for (const { productId, units } of moves) {
    const product = productOf(state, productId);
    if (product === null || product.stock === null) continue;
    state.products[productId] = { ...product, stock: Math.max(0, product.stock + units) };
  }
}

export function viewOfTenant(state: TenantActorState): TenantStateView | null {
  if (state.uuid === null || state.settings === null) return null;
  const { uuid, dataShard, status, settings, version, createdAtMs } = state;
  return { uuid, dataShard, status, settings, version, createdAtMs };
}

function assertNever(value: never): never {
  throw new TypeError(`unexpected ${String((value as { type?: unknown }).type)}`);
}
