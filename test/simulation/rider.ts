/**
 * One driver with a phone: registers, goes on and off shift, tells where it is, answers offers in every way and at every time, rides, and
 * is silent for minutes. It knows what its phone hears, and nothing else.
 */
import type { ActiveJob, DriverCommand, DriverInput, DriverNews, DriverOffer, DriverView } from '../../src/actors/driver/protocol.ts';
import type { MarketMessage } from '../../src/actors/market/protocol.ts';
import type { Handover, OrderCommand, StepReply } from '../../src/actors/order/protocol.ts';
import { marketRef, newDriverRef, orderRef } from '../../src/actors/refs.ts';
import type { VirtualClock } from '../../src/runtime/clock.ts';
import type { EntityRef } from '../../src/runtime/entity.ts';
import type { SimulatedNode, Thread } from './node.ts';
import { DATA_SHARD, PLACE, TENANT } from './shop.ts';
import type { Wishes } from './wishes.ts';

/** `resting`: phones lie on the table. `eager`: everybody takes everything and rides it. `home`: the day is over. */
export type Mood = 'any' | 'resting' | 'eager' | 'home';

interface RiderOptions {
  readonly clock: VirtualClock;
  readonly random: () => number;
  readonly node: SimulatedNode;
  readonly wishes: Wishes;
  readonly mood: () => Mood;
  /** It stays at home until everybody is eager. */
  readonly isRelief: boolean;
}

const MARKET = marketRef(TENANT, DATA_SHARD, PLACE);
const EVERY_MS = 3_000;
const SILENT_MS = 300_000;
/** Some 2 km around the shop. */
const AROUND_DEG = 0.04;
const OFFERS_KEPT = 20;
const REASONS = ['too_far', 'unsafe', undefined] as const;

export class Rider {
  readonly ref: EntityRef;
  readonly #options: RiderOptions;
  readonly #person: DriverInput;
  #thread: Thread | null = null;
  #hasJoined = false;
  #isOnline = false;
  /** Offers that the phone has shown, the newest last; those that are over are tried at times all the same. */
  #offers: DriverOffer[] = [];
  readonly #over = new Set<string>();
  #jobs: ActiveJob[] = [];
  /** What it asked for has no answer yet. */
  #isAsking = false;
  #silentUntilMs = 0;

  constructor(name: string, options: RiderOptions) {
    this.#options = options;
    this.ref = newDriverRef(TENANT, DATA_SHARD, name);
    const vehicle = { type: 'motorbike', registration: `GP ${name}`, coldStorage: false } as const;
    this.#person = { name: `Rider ${name}`, phone: '27600000020', vehicle, documents: {} };
    this.#later();
  }

  /** It waits for no answer. */
  get isIdle(): boolean {
    return !this.#isAsking;
  }

  #later(): void {
    const { clock, mood, random } = this.#options;
    clock.after(1_000 + Math.floor(random() * EVERY_MS), () => {
      if (mood() === 'home') return;
      this.#later();
      if (mood() !== 'resting') this.#live();
    });
  }

  #live(): void {
    const { clock, isRelief, random } = this.#options;
    if (this.#isAsking || (isRelief && !this.#isEager)) return;
    const nowMs = clock.nowMs();
    if (!this.#isEager && nowMs < this.#silentUntilMs) return;
    if (!this.#isEager && random() < 0.01) {
      this.#silentUntilMs = nowMs + Math.floor(random() * SILENT_MS);
      return;
    }
    this.#isAsking = true;
    void this.#act().then(() => {
      this.#isAsking = false;
    });
  }

  async #act(): Promise<void> {
    const { random } = this.#options;
    if (!(await this.#connect())) return;
    if (!this.#hasJoined) await this.#join();
    else if (!this.#isOnline) await this.#begin();
    else {
      this.#report();
      if (this.#isEager || random() < 0.3) await this.#refresh();
      const offer = this.#offers.findLast(({ offerId }) => !this.#over.has(offerId));
      const old = this.#offers[Math.floor(random() * this.#offers.length)];
      if (offer !== undefined) await this.#answer(offer);
      else if (old !== undefined && random() < 0.05) await this.#say({ type: 'accept', offerId: old.offerId, receivedAtMs: this.#nowMs });
      const job = this.#jobs[Math.floor(random() * this.#jobs.length)];
      if (job !== undefined && (this.#isEager || random() < 0.25)) await this.#ride(job);
      else if (!this.#isEager && random() < 0.03) await this.#end();
    }
  }

  /** The phone finds a thread, and hears from it for as long as that lives. @returns false when it must ask again later. */
  async #connect(): Promise<boolean> {
    const { node, random } = this.#options;
    if (this.#thread !== null && node.living.includes(this.#thread)) return true;
    const thread = node.living[Math.floor(random() * node.living.length)] ?? null;
    this.#thread = thread;
    if (thread === null) return false;
    thread.feed.subscribe(`driver/${this.ref.id}`, (news) => {
      if (this.#thread === thread) this.#heard(news as DriverNews);
    });
    if (this.#hasJoined) await this.#refresh();
    return true;
  }

  async #join(): Promise<void> {
    const { wishes } = this.#options;
    await wishes.make(this.ref, { type: 'register', driver: this.#person } satisfies DriverCommand);
    await wishes.make(this.ref, { type: 'approve', by: 'staff' } satisfies DriverCommand);
    this.#hasJoined = true;
  }

  async #begin(): Promise<void> {
    const { random } = this.#options;
    if (!this.#isEager && random() < 0.7) return;
    const answer = await this.#say<DriverView>({ type: 'go_online' });
    if (answer.ok) this.#isOnline = true;
  }

  async #end(): Promise<void> {
    const answer = await this.#say<DriverView>({ type: 'go_offline', reason: 'driver' });
    if (answer.ok) this.#isOnline = false;
  }

  /** As its home thread does: the place every few seconds, and what the actor says of itself at times. */
  #report(): void {
    const { random } = this.#options;
    const at = (degrees: number): number => degrees + (random() - 0.5) * AROUND_DEG;
    const packed = new Uint8Array(Float64Array.from([at(PLACE.lat), at(PLACE.lng), this.#nowMs]).buffer);
    this.#tell({ type: 'positions', driverIds: [this.ref.id], packed, receivedAtMs: this.#nowMs });
  }

  async #refresh(): Promise<void> {
    const answer = await this.#options.wishes.look<DriverView>(this.ref);
    if (!answer.ok) return;
    const { jobs, offer, online, profile } = answer.value;
    this.#isOnline = online;
    this.#jobs = [...jobs];
    if (offer !== null) this.#shown(offer);
    if (online) this.#tell({ type: 'drivers', profiles: [profile] });
  }

  #heard(news: DriverNews): void {
    const { clock, random } = this.#options;
    if (news.type === 'offer') {
      this.#shown(news.offer);
      const { offerId } = news.offer;
      const thread = this.#thread;
      // A phone that lies in a pocket does not answer.
      if (this.#isEager || random() < 0.85)
        clock.after(Math.floor(random() * 500), () => thread?.runtime.tell(this.ref, { type: 'offer_delivered', offerId }));
    } else if (news.type === 'offer_closed' || news.type === 'offer_settled') this.#over.add(news.offerId);
    else if (news.type === 'delivery') this.#jobs = [...this.#jobs.filter(({ job }) => job.orderId !== news.job.job.orderId), news.job];
    else if (news.type === 'delivery_ended') this.#jobs = this.#jobs.filter(({ job }) => job.orderId !== news.orderId);
    else if (news.type === 'shift') this.#isOnline = news.online;
  }

  #shown(offer: DriverOffer): void {
    if (this.#offers.some(({ offerId }) => offerId === offer.offerId)) return;
    this.#offers = [...this.#offers, offer].slice(-OFFERS_KEPT);
  }

  async #answer({ offerId, feeMinor }: DriverOffer): Promise<void> {
    const { random } = this.#options;
    const dice = this.#isEager ? 0 : random();
    if (dice > 0.6) return;
    this.#over.add(offerId);
    if (dice < 0.4) {
      const accept: DriverCommand = { type: 'accept', offerId, receivedAtMs: this.#nowMs };
      await Promise.all(random() < 0.25 ? [this.#say(accept), this.#say(accept)] : [this.#say(accept)]);
    } else if (dice < 0.5) {
      const reason = REASONS[Math.floor(random() * REASONS.length)];
      await this.#say({ type: 'decline', offerId, ...(reason === undefined ? {} : { reason }) });
    } else await this.#say({ type: 'bid', offerId, amountMinor: Math.round(feeMinor * (0.9 + random())), receivedAtMs: this.#nowMs });
  }

  async #ride({ job, phase }: ActiveJob): Promise<void> {
    const { random, wishes } = this.#options;
    const order = orderRef(TENANT, job.orderId) as EntityRef;
    const isAtDoor = phase === 'to_dropoff' || phase === 'at_dropoff';
    const hasArrived = phase === 'at_pickup' || phase === 'at_dropoff' || random() < 0.3;
    const step = !hasArrived ? 'arrived' : isAtDoor ? 'delivered' : 'picked_up';
    const distanceM = this.#isEager || random() < 0.9 ? 10 : 400;
    const evidence = { distanceM, positionAtMs: this.#nowMs, by: 'driver' } as const;
    const otp = step === 'delivered' ? await this.#codeOf(order) : null;
    const command: OrderCommand = { type: 'driver_step', driverId: this.ref.id, step, otp, evidence };
    const answer = await wishes.make<StepReply>(order, command);
    // Nobody tells the right code any more: the shop is called.
    if (this.#isEager && !answer.ok && 'refusal' in answer && answer.refusal.code === 'delivery.otp_locked')
      await wishes.make(order, { type: 'transition', transition: 'deliver', by: { role: 'vendor', id: 'staff' }, reason: null });
  }

  /** As the customer reads it at the door. */
  async #codeOf(order: EntityRef): Promise<string | null> {
    const dice = this.#isEager ? 0 : this.#options.random();
    if (dice > 0.9) return null;
    if (dice > 0.75) return 'none';
    const answer = await this.#options.wishes.look<Handover>(order, { type: 'handover' });
    return answer.ok ? answer.value.otp : null;
  }

  #say<R>(command: DriverCommand) {
    return this.#options.wishes.make<R>(this.ref, command);
  }

  #tell(message: MarketMessage): void {
    this.#thread?.runtime.tell(MARKET, message);
  }

  get #nowMs(): number {
    return this.#options.clock.nowMs();
  }

  get #isEager(): boolean {
    return this.#options.mood() === 'eager';
  }
}
