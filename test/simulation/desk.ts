/**
 * Staff at the dispatch desk of a simulated shop: release drivers, correct doors, give orders by hand, call rides off, lock drivers out and
 * let them in, take cash. It must never know what the drivers see.
 */
import type { DriverCommand, DriverView } from '../../src/actors/driver/protocol.ts';
import { manualOffer } from '../../src/actors/order/manual-offer.ts';
import type { OrderCommand, OrderStatus, OrderView } from '../../src/actors/order/protocol.ts';
import { orderRef } from '../../src/actors/refs.ts';
import type { VirtualClock } from '../../src/runtime/clock.ts';
import type { EntityRef } from '../../src/runtime/entity.ts';
import type { MemoryStore } from '../support/memory-store.ts';
import { PLACE, TENANT } from './shop.ts';
import type { Wishes } from './wishes.ts';

interface DeskOptions {
  readonly clock: VirtualClock;
  readonly random: () => number;
  readonly wishes: Wishes;
  readonly drivers: readonly EntityRef[];
  readonly orders: () => ReadonlyMap<string, OrderStatus>;
}

const OVER: ReadonlySet<OrderStatus> = new Set(['DELIVERED', 'CANCELLED', 'EXPIRED', 'REFUNDED']);
const AROUND_DEG = 0.03;
const VENDOR = { role: 'vendor', id: 'staff' } as const;

const ON_THE_ROAD: ReadonlySet<string> = new Set(['seeking', 'assigned', 'at_pickup', 'picked_up', 'at_dropoff']);

/** @returns orders that look for a driver, or have one. */
export function ridingOf({ readModels }: MemoryStore): string[] {
  const phases = new Map<string, string>();
  for (const { op, row } of readModels) {
    const { delivery } = (row.body ?? {}) as { delivery?: { phase: string } | null };
    if (op === 'order.upsert') phases.set(String(row.orderId), delivery?.phase ?? '');
  }
  return [...phases].filter(([, phase]) => ON_THE_ROAD.has(phase)).map(([id]) => id);
}

export class Desk {
  readonly #options: DeskOptions;
  #offers = 0;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  act(): void {
    const { random } = this.#options;
    const orders = this.#options.orders();
    const open = [...orders].filter(([, status]) => !OVER.has(status) && status !== 'CREATED').map(([id]) => id);
    const ridden = open.filter((id) => orders.get(id) === 'ASSIGNED_TO_DRIVER');
    const some = ridden.length > 0 && random() < 0.5 ? ridden : open;
    const order = some.length === 0 ? null : (orderRef(TENANT, this.#pick(some)) as EntityRef);
    const dice = random();
    if (dice < 0.06) void this.#driver({ type: 'suspend', by: 'staff', reason: null });
    else if (dice < 0.2) void this.#driver({ type: 'approve', by: 'staff' });
    else if (dice < 0.26) void this.#takeCash();
    else if (order === null) return;
    else if (dice < 0.4) void this.#order(order, { type: 'release_driver', driverId: null, by: 'vendor', reason: null });
    else if (dice < 0.6) {
      // One correction may overtake the other on its way to the driver.
      for (let times = random() < 0.5 ? 2 : 1; times > 0; times--)
        void this.#order(order, { type: 'change_dropoff', dropoff: this.#door() });
    } else if (dice < 0.8) void this.#giveByHand(order);
    else if (dice < 0.9) void this.#step(order);
    else if (dice < 0.94) void this.#order(order, { type: 'transition', transition: 'cancel', by: VENDOR, reason: null });
  }

  #door() {
    const { random } = this.#options;
    const at = (degrees: number): number => degrees + (random() - 0.5) * AROUND_DEG;
    return { position: { lat: at(PLACE.lat), lng: at(PLACE.lng) }, address: `${Math.floor(random() * 100)} Vilakazi Street`, note: null };
  }

  async #giveByHand(order: EntityRef): Promise<void> {
    const { clock, drivers, wishes } = this.#options;
    const found = await wishes.look<OrderView>(order);
    if (!found.ok || found.value.delivery?.phase !== 'seeking') return;
    const driver = this.#pick(drivers);
    const offer = manualOffer(found.value, driver.id, `ofr_${++this.#offers}`, clock.nowMs());
    if (offer === null) return;
    await wishes.make(driver, { type: 'take', offer, by: 'staff' } satisfies DriverCommand);
  }

  async #step(order: EntityRef): Promise<void> {
    const { random, wishes } = this.#options;
    const found = await wishes.look<OrderView>(order);
    const driverId = found.ok ? found.value.delivery?.driver?.id : undefined;
    if (driverId === undefined) return;
    const evidence = { distanceM: null, positionAtMs: null, by: 'dispatcher' } as const;
    await this.#order(order, { type: 'driver_step', driverId, step: random() < 0.5 ? 'arrived' : 'picked_up', otp: null, evidence });
  }

  async #takeCash(): Promise<void> {
    const { drivers, random, wishes } = this.#options;
    const driver = this.#pick(drivers);
    const found = await wishes.look<DriverView>(driver);
    const cashMinor = found.ok ? (found.value?.earnings.cashOnHandMinor ?? 0) : 0;
    const amountMinor = Math.ceil(cashMinor * random());
    if (amountMinor > 0) await wishes.make(driver, { type: 'settle_cash', amountMinor, by: 'staff' } satisfies DriverCommand);
  }

  async #driver(command: DriverCommand): Promise<void> {
    const { drivers, wishes } = this.#options;
    await wishes.make(this.#pick(drivers), command);
  }

  async #order(order: EntityRef, command: OrderCommand): Promise<void> {
    await this.#options.wishes.make(order, command);
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#options.random() * from.length)] as T;
  }
}
