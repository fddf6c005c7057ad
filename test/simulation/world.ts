/**
 * A shop's day on a simulated node: customers who chat at random, staff who work through orders, and whatever goes wrong. One seed
 * decides everything, the order of every turn included, so a seed that fails fails again.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OutboundBody } from '../../src/actors/conversation/protocol.ts';
import type { OrderStatus } from '../../src/actors/order/protocol.ts';
import { conversationRef, orderRef } from '../../src/actors/refs.ts';
import type { Answer, EffectHandler } from '../../src/runtime/behaviour.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import type { EntityRef } from '../../src/runtime/entity.ts';
import { seededRandom } from '../../src/runtime/executor/deterministic-executor.ts';
import { contentAfter } from './customers.ts';
import { Desk, ridingOf } from './desk.ts';
import { Meta } from './meta.ts';
import { SimulatedNode, THREADS } from './node.ts';
import { type Mood, Rider } from './rider.ts';
import { DATA_SHARD, PHONE_NUMBER_ID, PRICES, product, SETTINGS, SHOP, TENANT } from './shop.ts';
import { Wishes } from './wishes.ts';

const START_MS = Date.UTC(2026, 0, 15, 10);
const CUSTOMERS = 5;
const RELIEF = 'relief';
const RIDERS = ['lwazi', 'naledi', 'sipho', 'zanele', RELIEF];
/** So long at most until everything that is ready is with its customer, when somebody is there who wants to ride. */
const WITHIN_S = 1_800;
const TRANSITIONS = ['accept', 'prepare', 'ready', 'deliver', 'cancel', 'reject', 'refund'] as const;
const NEXT: Readonly<Partial<Record<OrderStatus, (typeof TRANSITIONS)[number]>>> = {
  CREATED: 'accept',
  CONFIRMED: 'prepare',
  PREPARING: 'ready',
};

/** The same for the same leg: a link and a code that a customer could have. */
const issueCredentials: EffectHandler = async ({ input, ref }) => {
  const { leg } = input as { readonly leg: number };
  const otp = String(1_000 + leg);
  return { type: 'credentials_issued', leg, otp, trackingToken: 't', trackingUrl: `https://x/t/${ref.id}/${leg}` };
};

export class World {
  readonly clock = new VirtualClock(START_MS);
  readonly random: () => number;
  readonly defects: string[] = [];
  readonly storeFaults = { lost: 0, unanswered: 0, reads: 0, slowestMs: 20 };
  readonly metaFaults = { unreachable: 0, unanswered: 0, refused: 0, undelivered: 0, twice: 0 };
  readonly customers = Array.from({ length: CUSTOMERS }, (_, i) => `2760000${String(1_000 + i)}`);
  readonly meta: Meta;
  readonly node: SimulatedNode;
  readonly wishes: Wishes;
  readonly riders: readonly Rider[];
  /** What the drivers feel like. */
  mood: Mood = 'any';
  readonly #desk: Desk;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    const defect = (text: string): void => void this.defects.push(text);
    this.meta = new Meta({
      clock: this.clock,
      random: this.random,
      faults: this.metaFaults,
      phoneNumberId: PHONE_NUMBER_ID,
      post: (body) => this.#post(body),
      defect,
    });
    const address = { tenantId: TENANT, uuid: 'u', slug: 'sim', dataShard: DATA_SHARD, phoneNumberId: PHONE_NUMBER_ID, status: 'active' };
    const resolve = async (_: number, { waId }: { waId: string | null }): Promise<string> => `cus_${waId}`;
    const customers = { resolve, known: resolve, moved: resolve, find: async () => null };
    const handlers = new Map([
      ['whatsapp.send', this.meta.handler],
      ['delivery.credentials', issueCredentials],
    ]);
    this.node = new SimulatedNode({
      clock: this.clock,
      random: this.random,
      faults: this.storeFaults,
      address,
      handlers,
      customers,
      defect,
    });
    const { clock, node, random } = this;
    this.wishes = new Wishes({ clock, random, node });
    const around = { clock, random, node, wishes: this.wishes, mood: () => this.mood };
    this.riders = RIDERS.map((name) => new Rider(name, { ...around, isRelief: name === RELIEF }));
    const drivers = this.riders.map(({ ref }) => ref);
    this.#desk = new Desk({ clock, random, wishes: this.wishes, drivers: drivers.slice(0, -1), orders: () => this.orders() });
  }

  async open(): Promise<void> {
    for (let at = 0; at < THREADS; at++) void this.node.start(at);
    await this.until(() => this.node.living.length === THREADS, 'the node is up');
    await this.ask(SHOP, { type: 'provision', uuid: 'u', dataShard: DATA_SHARD, settings: SETTINGS, at: 'active' });
    for (const [name, price] of PRICES)
      await this.ask(SHOP, { type: 'add_product', productId: `p_${name}`, product: product(name, price) });
  }

  /** Everything goes wrong at times. */
  upset(): void {
    Object.assign(this.storeFaults, { lost: 0.03, unanswered: 0.03, reads: 0.03, slowestMs: 60 });
    Object.assign(this.metaFaults, { unreachable: 0.05, unanswered: 0.05, refused: 0.05, undelivered: 0.05, twice: 0.2 });
  }

  calm(): void {
    Object.assign(this.storeFaults, { lost: 0, unanswered: 0, reads: 0, slowestMs: 20 });
    Object.assign(this.metaFaults, { unreachable: 0, unanswered: 0, refused: 0, undelivered: 0, twice: 0 });
    for (let at = 0; at < THREADS; at++) if (this.node.threads[at] === null) void this.node.start(at);
  }

  /** So many turns of actors, with people acting and threads dying between them. */
  async live(turns: number): Promise<void> {
    for (let i = 0; i < turns; i++) {
      const dice = this.random();
      if (dice < 0.06) {
        const waId = this.pick(this.customers);
        this.meta.write(waId, contentAfter(this.lastOf(waId), this.random));
      } else if (dice < 0.1) this.#staffActs();
      else if (dice < 0.102) this.#die();
      else if (dice < 0.127) this.#desk.act();
      else if (dice < 0.145) await this.pass(Math.floor(this.random() * 20_000));
      await this.turn();
    }
  }

  /** One turn of one actor; time moves a little, or to what is due next when nobody is ready. */
  async turn(): Promise<void> {
    const at = Math.floor(this.random() * THREADS);
    const isBusy = this.node.step(at) || this.node.step((at + 1) % THREADS);
    await nextTurn();
    if (!isBusy || this.random() < 0.3) {
      this.clock.advance(Math.floor(this.random() * 20));
      await nextTurn();
    }
  }

  /** Time passes, and everybody does what comes to be done. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.clock.nowMs() + ms;
    while (this.clock.nowMs() < untilMs) {
      this.clock.advance(Math.min(500, untilMs - this.clock.nowMs()));
      await this.#drain();
    }
  }

  async until(isDone: () => boolean, what: string, forMs = 3_600_000): Promise<void> {
    const endMs = this.clock.nowMs() + forMs;
    while (!isDone()) {
      if (this.clock.nowMs() > endMs) throw new Error(`never: ${what} (${this.#restless()})`);
      await this.pass(100);
    }
  }

  /** Again until there is an answer, as a client does with its own command id. */
  async ask<R>(to: EntityRef, command: unknown, commandId?: string): Promise<Answer<R>> {
    for (;;) {
      const thread = this.node.living[0];
      let answer: Answer<R> | null = null;
      void thread?.runtime.ask<R>(to, command, commandId === undefined ? {} : { commandId }).then((value) => {
        answer = value;
      });
      await this.until(() => answer !== null || thread === undefined || thread.line.isDead, `an answer of ${to.kind}`);
      const got = answer as Answer<R> | null;
      if (got !== null && (got.ok || 'refusal' in got)) return got;
      await this.pass(500);
    }
  }

  /** Asked again with the same id, each wish that changed something gets the same answer. @returns those that did not. */
  async askAgain(): Promise<string[]> {
    const different: string[] = [];
    for (const { answer, command, commandId, to } of this.wishes.made) {
      if (answer?.ok !== true || commandId === null) continue;
      const again = await this.ask(to, command, commandId);
      if (!again.ok || JSON.stringify(again.value) !== JSON.stringify(answer.value)) different.push(commandId);
    }
    return different;
  }

  /** Staff bring every order to its end: half of them to the door, where drivers who want to work find them. */
  async finish(): Promise<void> {
    for (const id of this.orders().keys())
      for (const transition of this.random() < 0.5 ? ['accept', 'prepare', 'ready'] : ['cancel']) await this.#staffAsk(id, transition);
    this.mood = 'eager';
    this.upset();
    for (let s = 0; ridingOf(this.node.database).length > 0; s++) {
      if (s > WITHIN_S) throw new Error(`never: a driver for ${ridingOf(this.node.database)}`);
      if (this.random() < 0.02) this.#die();
      await this.pass(1_000);
    }
    this.calm();
    this.mood = 'home';
    await this.until(() => this.riders.every(({ isIdle }) => isIdle), 'drivers at home');
    for (const id of this.orders().keys()) for (const transition of ['deliver', 'cancel']) await this.#staffAsk(id, transition);
  }

  async #staffAsk(orderId: string, transition: string): Promise<void> {
    await this.ask(orderRef(TENANT, orderId) as EntityRef, {
      type: 'transition',
      transition,
      by: { role: 'vendor', id: 'staff' },
      reason: null,
    });
  }

  /** Who has refused nothing all day. */
  get relief(): EntityRef {
    return (this.riders.at(-1) as Rider).ref;
  }

  /** @returns the customers who say hi and hear nothing, though no person of the shop talks with them. */
  async deaf(): Promise<string[]> {
    const deaf: string[] = [];
    for (const waId of this.customers) {
      await this.ask(this.#chat(waId), { type: 'release' });
      const before = this.meta.delivered.length;
      this.meta.write(waId, { type: 'text', text: { body: 'hi' } });
      await this.until(() => !this.isBusy, `hi of ${waId}`);
      if (!this.meta.delivered.slice(before).some((one) => one.waId === waId)) deaf.push(waId);
    }
    return deaf;
  }

  get isBusy(): boolean {
    if (this.node.intake.chunks.length > 0) return true;
    return this.wishes.pending > 0 || this.meta.pending > 0 || this.node.living.some(({ runtime }) => runtime.pendingEffects > 0);
  }

  #restless(): string {
    const effects = this.node.living.map(({ runtime }) => runtime.pendingEffects);
    const asks = this.node.living.map(({ runtime }) => runtime.pendingAsks);
    return `threads ${this.node.living.length}, posts ${this.meta.pending}, intake ${this.node.intake.chunks.length}, wishes ${this.wishes.pending}, effects ${effects}, asks ${asks}`;
  }

  orders(): Map<string, OrderStatus> {
    const found = new Map<string, OrderStatus>();
    for (const { op, row } of this.node.database.readModels)
      if (op === 'order.upsert') found.set(String(row.orderId), row.status as OrderStatus);
    return found;
  }

  lastOf(waId: string): OutboundBody | null {
    return this.meta.delivered.filter((one) => one.waId === waId).at(-1)?.body ?? null;
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)] as T;
  }

  #chat(waId: string): EntityRef {
    return conversationRef(TENANT, DATA_SHARD, `cus_${waId}`);
  }

  #staffActs(): void {
    if (this.random() < 0.1) this.pick(this.node.living)?.runtime.tell(this.#chat(this.pick(this.customers)), { type: 'release' });
    const orders = this.orders();
    const open = [...orders].filter(([, status]) => NEXT[status] !== undefined);
    const ids = this.random() < 0.8 && open.length > 0 ? open.map(([id]) => id) : [...orders.keys()];
    if (this.random() < 0.2) {
      this.wishes.repeat();
      return;
    }
    if (ids.length === 0) return;
    const id = this.pick(ids);
    const next = NEXT[orders.get(id) ?? 'CREATED'];
    const transition = this.random() < 0.85 && next !== undefined ? next : this.pick(TRANSITIONS);
    const command = { type: 'transition', transition, by: { role: 'vendor', id: 'staff' }, reason: null };
    void this.wishes.make(orderRef(TENANT, id) as EntityRef, command);
  }

  #die(): void {
    const dead = this.random() < 0.3 ? [0, 1] : [Math.floor(this.random() * THREADS)];
    for (const at of dead) {
      if (this.node.threads[at] === null) continue;
      this.node.kill(at);
      this.clock.after(Math.floor(this.random() * 3_000), () => void this.node.start(at));
    }
  }

  async #post(body: object): Promise<boolean> {
    const thread = this.pick(this.node.living);
    if (thread === undefined) return false;
    return await this.node.post(thread, body);
  }

  /** Until nobody is ready; what waits for time waits. */
  async #drain(): Promise<void> {
    for (let idle = 0; idle < 3; ) {
      let ran = false;
      for (let at = 0; at < THREADS; at++) ran = this.node.step(at) || ran;
      await nextTurn();
      idle = ran ? 0 : idle + 1;
    }
  }
}
