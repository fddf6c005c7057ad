/**
 * One simulated driver: a phone on the real socket that streams where it rides, answers offers like a person and follows its job
 * through both doors. It must never know the server by anything but the driver protocol.
 *
 * Modes: idle (stands, or drifts around) · riding to the stop of its first job · at the stop (for the time that people take there).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'undici';
import { distanceM, type LatLng } from '../../geo/distance.ts';
import { encodeBinary } from '../../transport/gps/formats/binary.ts';

interface DriverPhoneOptions {
  readonly url: string;
  readonly token: string;
  readonly start: LatLng;
  readonly speedMps: number;
  random(): number;
  /** 0 to 1. */
  readonly acceptance: number;
  /** The code that the customer of this order says at the door; null while it is not known. */
  codeOf(orderCode: string): Promise<string | null>;
  readonly counts: PhoneCounts;
}

export interface PhoneCounts {
  offers: number;
  declined: number;
  won: number;
  lost: number;
  delivered: number;
  errors: number;
  fixes: number;
  acceptMs: number[];
}

export function newPhoneCounts(): PhoneCounts {
  return { offers: 0, declined: 0, won: 0, lost: 0, delivered: 0, errors: 0, fixes: 0, acceptMs: [] };
}

interface Delivery {
  readonly delivery_id: string;
  readonly code: string;
  readonly phase: 'to_pickup' | 'at_pickup' | 'to_dropoff' | 'at_dropoff';
  readonly pickup: LatLng;
  readonly dropoff: LatLng;
}

type Incoming = { readonly type: string } & Readonly<Record<string, unknown>>;

const TICK_MS = 1_000;
const AT_STOP_M = 15;
/** People think, park, ring. */
const REACTION_MS = 3_000;
const DOOR_MS = 4_000;
const RECONNECT_MS = 1_000;
const ANSWER_MS = 10_000;
const M_PER_DEGREE = 111_320;
const GPS_NOISE_M = 4;

export class DriverPhone {
  readonly #options: DriverPhoneOptions;
  readonly #jobs = new Map<string, Delivery>();
  readonly #answers = new Map<string, (answer: Incoming) => void>();
  #socket: WebSocket | null = null;
  #position: LatLng;
  #sent = 0;
  #busy = false;
  #stopped = false;

  constructor(options: DriverPhoneOptions) {
    this.#options = options;
    this.#position = options.start;
  }

  /** Rides until `stop`; connects again whenever the socket ends. */
  async run(): Promise<void> {
    const beat = this.#beat();
    while (!this.#stopped) {
      await this.#connected().catch(() => undefined);
      if (!this.#stopped) await sleep(RECONNECT_MS * (1 + this.#options.random()));
    }
    await beat;
  }

  stop(): void {
    this.#stopped = true;
    this.#socket?.close();
  }

  /** Resolves when the socket has ended. */
  #connected(): Promise<void> {
    return new Promise((resolve) => {
      const socket = new WebSocket(`${this.#options.url}?token=${this.#options.token}`);
      this.#socket = socket;
      socket.addEventListener('open', () => void this.#ask({ type: 'status', status: 'online' }));
      socket.addEventListener('message', (event) => {
        if (typeof event.data === 'string') this.#heard(JSON.parse(event.data) as Incoming);
      });
      socket.addEventListener('error', () => socket.close());
      socket.addEventListener('close', () => {
        this.#socket = null;
        for (const answer of this.#answers.values()) answer({ type: 'error', code: 'closed' });
        this.#answers.clear();
        resolve();
      });
    });
  }

  #heard(message: Incoming): void {
    switch (message.type) {
      case 'offer':
        void this.#offered(String(message.offer_id), Number(message.expires_at_ms));
        break;
      case 'delivery':
        this.#jobs.set(String(message.delivery_id), message as unknown as Delivery);
        break;
      case 'delivery_ended':
        this.#jobs.delete(String(message.delivery_id));
        break;
      case 'ack':
      case 'error': {
        const answer = this.#answers.get(String(message.id));
        this.#answers.delete(String(message.id));
        answer?.(message);
        break;
      }
      default:
        break;
    }
  }

  async #offered(offerId: string, expiresAtMs: number): Promise<void> {
    const { counts, random, acceptance } = this.#options;
    counts.offers++;
    await sleep(Math.min(REACTION_MS * (0.3 + random()), Math.max(0, expiresAtMs - Date.now() - TICK_MS)));
    if (random() > acceptance) {
      counts.declined++;
      await this.#ask({ type: 'decline', offer_id: offerId });
      return;
    }
    const startedMs = performance.now();
    const answer = await this.#ask({ type: 'accept', offer_id: offerId });
    counts.acceptMs.push(performance.now() - startedMs);
    if (answer.type === 'ack') counts.won++;
    else counts.lost++;
  }

  async #beat(): Promise<void> {
    while (!this.#stopped) {
      const startedMs = Date.now();
      this.#ride();
      this.#send();
      await sleep(Math.max(1, TICK_MS - (Date.now() - startedMs)));
    }
  }

  #ride(): void {
    const job = this.#jobs.values().next().value;
    if (job === undefined) return;
    const toPickup = job.phase === 'to_pickup' || job.phase === 'at_pickup';
    const stop = toPickup ? job.pickup : job.dropoff;
    const leftM = distanceM(this.#position, stop);
    if (leftM > AT_STOP_M) {
      const share = Math.min(1, this.#options.speedMps / leftM);
      const { lat, lng } = this.#position;
      this.#position = { lat: lat + (stop.lat - lat) * share, lng: lng + (stop.lng - lng) * share };
    } else if (!this.#busy) {
      this.#busy = true;
      (toPickup ? this.#pickUp(job) : this.#handOver(job))
        .catch(() => {
          this.#options.counts.errors++;
        })
        .finally(() => {
          this.#busy = false;
        });
    }
  }

  async #pickUp(job: Delivery): Promise<void> {
    await sleep(DOOR_MS);
    await this.#ask({ type: 'arrived', delivery_id: job.delivery_id });
    await sleep(DOOR_MS);
    const answer = await this.#ask({ type: 'picked_up', delivery_id: job.delivery_id });
    if (answer.type !== 'ack') this.#options.counts.errors++;
  }

  async #handOver(job: Delivery): Promise<void> {
    await sleep(DOOR_MS);
    await this.#ask({ type: 'arrived', delivery_id: job.delivery_id });
    const otp = await this.#options.codeOf(job.code);
    const answer = await this.#ask({ type: 'delivered', delivery_id: job.delivery_id, ...(otp === null ? {} : { otp }) });
    if (answer.type === 'ack') this.#options.counts.delivered++;
    else this.#options.counts.errors++;
  }

  /** With the error of a receiver under an open sky. */
  #send(): void {
    const { random, counts } = this.#options;
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    const noise = (): number => ((random() - 0.5) * 2 * GPS_NOISE_M) / M_PER_DEGREE;
    const { lat, lng } = this.#position;
    const fix = { atMs: Date.now(), lat: lat + noise(), lng: lng + noise(), accuracyM: GPS_NOISE_M * 2, speedMps: null, headingDeg: null };
    this.#socket.send(new Uint8Array(encodeBinary([fix])));
    counts.fixes++;
  }

  #ask(message: Readonly<Record<string, unknown>>): Promise<Incoming> {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return Promise.resolve({ type: 'error', code: 'closed' });
    const id = String(++this.#sent);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#answers.delete(id);
        resolve({ type: 'error', code: 'timeout' });
      }, ANSWER_MS);
      this.#answers.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      socket.send(JSON.stringify({ id, ...message }));
    });
  }
}
