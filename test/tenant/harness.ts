/** One tenant without a runtime: commands in, events folded, one durable timer. */
import { tenantBehaviour } from '../../src/actors/tenant/actor.ts';
import type { Product, ProductInput, TenantCommand, TenantSettings } from '../../src/actors/tenant/protocol.ts';
import type { TenantActorState, TenantEvent } from '../../src/actors/tenant/state.ts';
import type { Decision, ReadModelWrite } from '../../src/runtime/behaviour.ts';

const REF = { tenantId: 7, kind: 'tenant', id: 'self', shard: 5 };
export const T0 = 1_700_000_000_000;
export const TTL_MS = 60_000;

export const SETTINGS: TenantSettings = {
  slug: 'shop',
  name: 'Shop',
  tier: 'basic',
  currency: 'ZAR',
  timezone: 'Africa/Johannesburg',
  languages: ['en'],
  location: { lat: 0, lng: 0 },
  whatsapp: { phoneNumberId: '1', wabaId: '2', accessToken: null },
  payments: { cod: { enabled: true, maxAmountMinor: 100_000 } },
  delivery: { baseFeeMinor: 1_500, perKmMinor: 500, freeKm: 2, maxKm: 10 },
  owner: { name: 'Owner', waId: '27600000000' },
};

export function input(stock: number | null, priceMinor = 1_000): ProductInput {
  return { name: 'Thing', priceMinor, category: 'Things', description: null, aliases: [], stock, options: [], imageUrl: null };
}

/** Throws when a refused or changed state slips through: decide may never change what it is given. */
export class Shop {
  state: TenantActorState = tenantBehaviour.initial(REF);
  seq = 0;
  nowMs = T0;
  timerDueAtMs: number | null = null;
  readonly journal: { event: TenantEvent; seq: number; atMs: number }[] = [];
  readonly writes: ReadModelWrite[] = [];

  send(command: TenantCommand): Decision<TenantEvent> {
    const before = JSON.stringify(this.state);
    const context = { ref: REF, nowMs: this.nowMs, seq: this.seq + 1, view: null, uniqueId: (salt: string) => `${this.seq + 1}-${salt}` };
    const decision = tenantBehaviour.decide(this.state, command, context);
    if (JSON.stringify(this.state) !== before) throw new Error(`decide changed the state at ${command.type}`);
    if (!decision.ok) return decision;
    if (command.type === 'reservations_due') this.timerDueAtMs = null;
    for (const event of decision.events) {
      const meta = { ref: REF, seq: ++this.seq, atMs: this.nowMs };
      this.journal.push({ event: structuredClone(event), seq: meta.seq, atMs: meta.atMs });
      this.state = tenantBehaviour.evolve(this.state, event, meta);
      this.writes.push(...(tenantBehaviour.project?.(event, this.state, meta) ?? []));
    }
    for (const op of decision.timers ?? []) {
      if (op.op !== 'arm' || op.name !== 'reservations' || !op.durable) throw new Error('an unexpected timer');
      this.timerDueAtMs = op.dueAtMs;
    }
    return decision;
  }

  open(settings: Partial<TenantSettings> = {}): this {
    this.send({ type: 'provision', uuid: 'uuid-1', dataShard: 0, settings: { ...SETTINGS, ...settings }, at: 'active' });
    return this;
  }

  with(products: Readonly<Record<string, number | null>>): this {
    for (const [productId, stock] of Object.entries(products)) this.send({ type: 'add_product', productId, product: input(stock) });
    return this;
  }

  reserve(reservationId: string, lines: Readonly<Record<string, number>>, ttlMs = TTL_MS): Decision<TenantEvent> {
    return this.send({ type: 'reserve', reservationId, lines: linesOf(lines), dropoff: null, ttlMs });
  }

  commit(reservationId: string, lines: Readonly<Record<string, number>>): Decision<TenantEvent> {
    return this.send({ type: 'commit_reservation', reservationId, lines: linesOf(lines) });
  }

  /** Lets time pass; the timer fires as often as it is due. */
  pass(ms: number): this {
    this.nowMs += ms;
    for (let fired = 0; this.timerDueAtMs !== null && this.timerDueAtMs <= this.nowMs; fired++) {
      if (fired > 1_000) throw new Error('the timer never comes to rest');
      this.send({ type: 'reservations_due' });
    }
    return this;
  }

  stock(productId: string): number | null | undefined {
    return this.state.products[productId]?.stock;
  }

  rowOf(productId: string): Product | undefined {
    return this.writes.findLast((write) => write.op === 'product.upsert' && write.row.productId === productId)?.row.body as
      | Product
      | undefined;
  }

  replayed(): TenantActorState {
    let state = tenantBehaviour.initial(REF);
    for (const { event, seq, atMs } of structuredClone(this.journal)) state = tenantBehaviour.evolve(state, event, { ref: REF, seq, atMs });
    return state;
  }
}

function linesOf(lines: Readonly<Record<string, number>>): { productId: string; quantity: number }[] {
  return Object.entries(lines).map(([productId, quantity]) => ({ productId, quantity }));
}

export function codeOf(decision: Decision<TenantEvent>): string | null {
  return decision.ok ? null : decision.refusal.code;
}
