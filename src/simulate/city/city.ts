/**
 * A small city against a running server: drivers on real sockets, customers who order by chat, a shop that cooks. Bounded in people and
 * time, and it stops by itself. It must never know the server by anything but its public port.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { distanceM, type LatLng } from '../../geo/distance.ts';
import { seededRandom } from '../../runtime/executor/deterministic-executor.ts';
import { Customer } from './customer.ts';
import { DriverPhone, newPhoneCounts, type PhoneCounts } from './driver-phone.ts';
import type { CityServer } from './server.ts';

interface CityOptions {
  readonly server: CityServer;
  readonly drivers: number;
  readonly ordersPerHour: number;
  readonly minutes: number;
  readonly seed: number;
  /** Riders' speed; above 40 m/s the filter of the server would not believe it. */
  readonly speedMps: number;
  readonly center: LatLng;
  readonly radiusM: number;
  print(line: string): void;
  readonly signal?: AbortSignal;
}

export const CITY_LIMITS = { drivers: 5_000, ordersPerHour: 36_000, minutes: 240, openOrders: 2_000 } as const;

export interface CityReport {
  readonly drivers: number;
  readonly placed: number;
  readonly failedChats: number;
  readonly delivered: number;
  readonly offers: number;
  readonly declined: number;
  readonly lost: number;
  readonly errors: number;
  readonly fixes: number;
  readonly acceptMsP50: number;
  readonly acceptMsP99: number;
  readonly orderToDoorMinP50: number;
}

const CONNECTING_AT_ONCE = 20;
const REPORT_EVERY_MS = 10_000;
const COOK_MS = 3_000;
const M_PER_DEGREE = 111_320;
const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 3_600_000;
const ACCEPTANCE = 0.9;
/** Invented numbers, in a range of their own. */
const FIRST_CUSTOMER = 27_610_000_000;
const FIRST_DRIVER = 27_620_000_000;

interface Open {
  readonly customer: Customer;
  readonly placedMs: number;
}

export async function runCity(options: CityOptions): Promise<CityReport> {
  const random = seededRandom(options.seed);
  const counts = newPhoneCounts();
  const city = new City(options, random, counts);
  const phones = await city.hire();
  options.print(`${phones.length} drivers are on the road`);
  const riding = phones.map((phone) => phone.run());
  await city.serve();
  for (const phone of phones) phone.stop();
  await Promise.all([...riding, city.goHome()]);
  return city.report(phones.length);
}

class City {
  readonly #options: CityOptions;
  readonly #random: () => number;
  readonly #counts: PhoneCounts;
  readonly #open = new Map<string, Open>();
  readonly #toDoorMin: number[] = [];
  /** Customers who watch for their order; nobody does any more when the day is over. */
  readonly #watching = new Set<Promise<void>>();
  readonly #home = new AbortController();
  #placed = 0;
  #failed = 0;
  #customers: number;

  constructor(options: CityOptions, random: () => number, counts: PhoneCounts) {
    this.#options = options;
    this.#random = random;
    this.#counts = counts;
    // Customers of an earlier run may still have an order open.
    this.#customers = FIRST_CUSTOMER + (Math.floor(Date.now() / 1_000) % 9_000_000);
  }

  /** Signs the drivers on, a few at a time; those of an earlier run are the same people. */
  async hire(): Promise<DriverPhone[]> {
    const phones: DriverPhone[] = [];
    for (let first = 0; first < this.#options.drivers; first += CONNECTING_AT_ONCE) {
      const numbers = Array.from({ length: Math.min(CONNECTING_AT_ONCE, this.#options.drivers - first) }, (_, i) => first + i);
      phones.push(...(await Promise.all(numbers.map((number) => this.#hire(number)))));
      if (this.#options.signal?.aborted === true) break;
    }
    return phones;
  }

  async #hire(number: number): Promise<DriverPhone> {
    const { server, speedMps } = this.#options;
    const body = {
      name: `Driver ${number + 1}`,
      phone: String(FIRST_DRIVER + number),
      vehicle: { type: 'motorbike', registration: `C ${1_000 + number} GP` },
    };
    const { id } = await server.owner<{ id: string }>('POST', '/v1/drivers', body, `city-driver-${number}`);
    await server.owner('POST', `/v1/drivers/${id}/approve`, {});
    const { token } = await server.owner<{ token: string }>('POST', `/v1/drivers/${id}/token`, { ttl: '1d' });
    return new DriverPhone({
      url: server.socketUrl('/v1/driver/socket'),
      token,
      start: this.#somewhere(),
      speedMps,
      random: this.#random,
      acceptance: ACCEPTANCE,
      codeOf: async (code) => (await this.#open.get(code)?.customer.doorCode(code)) ?? null,
      counts: this.#counts,
    });
  }

  /** Orders come as a Poisson stream until the time is over. */
  async serve(): Promise<void> {
    const { minutes, ordersPerHour, signal } = this.#options;
    const untilMs = Date.now() + minutes * MS_PER_MINUTE;
    const meanMs = MS_PER_HOUR / ordersPerHour;
    const chats = new Set<Promise<void>>();
    let reportMs = Date.now() + REPORT_EVERY_MS;
    let nextMs = Date.now();
    while (Date.now() < untilMs && signal?.aborted !== true) {
      if (Date.now() >= nextMs && this.#open.size < CITY_LIMITS.openOrders) {
        nextMs += -Math.log(1 - this.#random()) * meanMs;
        const chat = this.#orderOne().finally(() => chats.delete(chat));
        chats.add(chat);
      }
      if (Date.now() >= reportMs) {
        reportMs += REPORT_EVERY_MS;
        this.#print();
      }
      await sleep(Math.max(5, Math.min(nextMs, reportMs, untilMs) - Date.now()));
    }
    await Promise.all(chats);
  }

  async #orderOne(): Promise<void> {
    const customer = new Customer(this.#options.server, String(this.#customers++));
    try {
      const placedMs = Date.now();
      const code = await customer.order(this.#somewhere(), Math.floor(this.#random() * 100));
      this.#placed++;
      this.#open.set(code, { customer, placedMs });
      await this.#cook(customer);
      this.#delivered(code);
    } catch (error) {
      this.#failed++;
      this.#options.print(`an order failed: ${error instanceof Error ? error.message : 'unknown'}`);
    }
  }

  /** The shop's side, as its staff would by the API. */
  async #cook(customer: Customer): Promise<void> {
    const { server } = this.#options;
    const view = await server.owner<{ open_order_id: string | null }>('GET', `/v1/conversations/${customer.waId}`);
    const id = view.open_order_id;
    if (id === null) throw new Error('the conversation has no open order');
    await server.owner('POST', `/v1/orders/${id}/accept`, {});
    await server.owner('POST', `/v1/orders/${id}/prepare`, {});
    await sleep(COOK_MS);
    await server.owner('POST', `/v1/orders/${id}/ready`, {});
  }

  /** Watches from afar: the customer's chat says when it is over. */
  #delivered(code: string): void {
    const open = this.#open.get(code);
    if (open === undefined) return;
    const { signal } = this.#options;
    const watching = open.customer.over(AbortSignal.any([this.#home.signal, ...(signal === undefined ? [] : [signal])])).then((isOver) => {
      this.#open.delete(code);
      this.#watching.delete(watching);
      if (isOver) this.#toDoorMin.push((Date.now() - open.placedMs) / MS_PER_MINUTE);
    });
    this.#watching.add(watching);
  }

  /** Orders that are still on their way stay so; who waited for them goes. */
  async goHome(): Promise<void> {
    this.#home.abort();
    await Promise.all(this.#watching);
  }

  /** Evenly over the disc. */
  #somewhere(): LatLng {
    const { center, radiusM } = this.#options;
    const distance = radiusM * Math.sqrt(this.#random());
    const angle = 2 * Math.PI * this.#random();
    const lat = center.lat + (distance * Math.sin(angle)) / M_PER_DEGREE;
    const lng = center.lng + (distance * Math.cos(angle)) / (M_PER_DEGREE * Math.cos((center.lat * Math.PI) / 180));
    return distanceM(center, { lat, lng }) <= radiusM ? { lat, lng } : center;
  }

  #print(): void {
    const { offers, won, lost, declined, delivered, errors, fixes } = this.#counts;
    this.#options.print(
      `placed ${this.#placed}, open ${this.#open.size}, offers ${offers} (won ${won}, lost ${lost}, declined ${declined}), delivered ${delivered}, errors ${errors}, fixes ${fixes}`,
    );
  }

  report(drivers: number): CityReport {
    const { offers, lost, declined, delivered, errors, fixes, acceptMs } = this.#counts;
    return {
      drivers,
      placed: this.#placed,
      failedChats: this.#failed,
      delivered,
      offers,
      declined,
      lost,
      errors,
      fixes,
      acceptMsP50: quantile(acceptMs, 0.5),
      acceptMsP99: quantile(acceptMs, 0.99),
      orderToDoorMinP50: quantile(this.#toDoorMin, 0.5),
    };
  }
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0) * 10) / 10;
}
