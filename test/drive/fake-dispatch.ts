/**
 * A strict server end of the driver protocol: real parsers, real wire shapes, one driver. It refuses what the real one refuses, does
 * every effect once, and can lose its answers, its network and its offers.
 */
import type { WebSocket } from 'uWebSockets.js';
import type { ActiveJob, DriverOffer, DriverView, JobPhase, Stop } from '../../src/actors/driver/protocol.ts';
import type { Fix } from '../../src/geo/gps/fix.ts';
import { decodeBinary } from '../../src/transport/gps/formats/binary.ts';
import { type MessageId, parseDriverMessage } from '../../src/transport/gps/socket/driver-message.ts';
import { newsMessage, offerMessage, snapshotMessages } from '../../src/transport/gps/socket/driver-wire.ts';
import { type HttpReply, type HttpRequest, json, jsonBody } from '../../src/transport/http/message.ts';
import { Problem } from '../../src/transport/http/problem.ts';
import type { HttpApp } from '../../src/transport/http/server/app.ts';
import { presentDriver } from '../../src/transport/http/v1/present-driver.ts';
import { PROOF_BYTES_MAX, type ProofContent, proofContentOf } from '../../src/transport/http/v1/proof-content.ts';

export const DRIVER_ID = 'drv_0000000001';
const claims = Buffer.from(JSON.stringify({ sub: DRIVER_ID, roles: ['driver'] })).toString('base64url');
export const TOKEN = `eyJhbGciOiJIUzI1NiJ9.${claims}.c2lnbmF0dXJl`;
const SHOP = { lat: -26.2485, lng: 27.854 };
const PHASES: readonly JobPhase[] = ['to_pickup', 'at_pickup', 'to_dropoff', 'at_dropoff'];
const STEP_TO: Readonly<Record<string, Partial<Record<JobPhase, JobPhase>>>> = {
  arrived: { to_pickup: 'at_pickup', to_dropoff: 'at_dropoff' },
  picked_up: { at_pickup: 'to_dropoff' },
};

type Socket = WebSocket<{ open: boolean }>;
type Frame = Readonly<Record<string, unknown>> & { readonly id?: string; readonly type: string };

export class FakeDispatch {
  /** Every text frame with an id, in order, repeats included; pings are left out. */
  readonly received: Frame[] = [];
  /** What was really done, once each: `accept off_1`, `arrived ord_1`, … */
  readonly effects: string[] = [];
  readonly fixes: Fix[] = [];
  readonly proofs: (ProofContent & { readonly orderId: string })[] = [];
  readonly ratings: unknown[] = [];
  /** Frames that no real server would take. */
  readonly faults: string[] = [];
  /** false: neither sockets nor the API answer. */
  reachable = true;
  /** The radio is dying: sockets stand, and nothing that they are given arrives. */
  isDeaf = false;
  swallowed = 0;
  /** No step at a stop is taken. */
  isTooFar = false;
  /** Does the effect and loses the answer. */
  mute = false;
  /** What an accept comes to. */
  acceptOutcome: 'won' | 'lost' | 'expired' = 'won';
  otp = '4821';
  /** Declined without a reason: one may follow, once. */
  #unexplained: unknown = null;
  readonly #answers = new Map<MessageId, string>();
  readonly #sockets = new Set<Socket>();
  #waiting: (() => void)[] = [];
  view: DriverView;

  constructor() {
    this.view = {
      id: DRIVER_ID,
      name: 'Sipho Dlamini',
      phone: '27600000201',
      vehicle: { type: 'motorbike', registration: 'ND 123-456', coldStorage: false },
      documents: {},
      status: 'approved',
      online: false,
      onlineSinceMs: null,
      offer: null,
      jobs: [],
      profile: {
        driverId: DRIVER_ID,
        vehicle: 'motorbike',
        coldStorage: false,
        rating: 4.8,
        completion: 1,
        acceptance: 1,
        completedJobs: 12,
        recentJobsMs: [],
        idleSinceMs: 0,
        earnedTodayMinor: 24_550,
        onlineSinceMs: 0,
        freeSlots: 2,
        stops: [],
      },
      earnings: { currency: 'ZAR', todayMinor: 24_550, totalMinor: 812_300, platformFeeMinor: 0, deliveries: 7, cashOnHandMinor: 61_300 },
      version: 1,
      createdAtMs: Date.now() - 86_400_000,
    };
  }

  register(app: HttpApp): void {
    app.route('GET', '/v1/driver/me', (request) => {
      this.#requireReachable(request);
      return json(200, presentDriver({ ...this.view, updatedAtMs: Date.now() } as Parameters<typeof presentDriver>[0], Date.now()));
    });
    app.route('POST', '/v1/orders/:id/proof', (request) => this.#proof(request), { bodyMaxBytes: PROOF_BYTES_MAX });
    app.route('POST', '/v1/orders/:id/rate-customer', (request) => this.#rating(request));
    app.route('GET', '/sandbox/drivers', () =>
      json(200, { items: [{ id: DRIVER_ID, name: 'Sipho Dlamini', vehicle: 'motorbike', token: TOKEN }] }),
    );
    app.route('GET', '/sandbox/map', () => json(200, { shop: { ...SHOP, name: "Mama Thandi's Kitchen" }, drivers: [], orders: [] }));
    app.native.ws<{ open: boolean }>('/v1/driver/socket', {
      maxPayloadLength: 262_144,
      upgrade: (res, req, context) => {
        const token = new URLSearchParams(req.getQuery()).get('token');
        if (!this.reachable || token !== TOKEN) {
          res.writeStatus(this.reachable ? '401 Unauthorized' : '503 Service Unavailable').end();
          return;
        }
        const [key, protocol, extensions] = ['key', 'protocol', 'extensions'].map((name) => req.getHeader(`sec-websocket-${name}`));
        res.upgrade({ open: true }, key ?? '', protocol ?? '', extensions ?? '', context);
      },
      open: (socket) => {
        this.#sockets.add(socket);
        for (const message of snapshotMessages(this.view)) socket.send(message);
        if (this.view.offer !== null) socket.send(offerMessage(this.view.offer));
        this.#stir();
      },
      message: (socket, message, isBinary) => {
        if (this.isDeaf) this.swallowed++;
        else if (isBinary) this.#binary(socket, message);
        else this.#text(socket, Buffer.from(message).toString('utf8'));
        this.#stir();
      },
      close: (socket) => {
        socket.getUserData().open = false;
        this.#sockets.delete(socket);
      },
    });
  }

  /* What a test does */

  /** The radio is gone: sockets break without a word, nothing answers. */
  cut(): void {
    this.reachable = false;
    for (const socket of [...this.#sockets]) socket.close();
  }

  closeAll(code: number, reason = 'test'): void {
    for (const socket of [...this.#sockets]) socket.end(code, reason);
  }

  offer(id: number, over: Partial<DriverOffer> & { readonly forMs?: number; readonly cashMinor?: number } = {}): DriverOffer {
    const { forMs = 60_000, cashMinor = 12_350, ...rest } = over;
    const pickup: Stop = { position: SHOP, name: "Mama Thandi's Kitchen", address: '12 Koma Rd, Jabulani', note: null };
    const dropoff: Stop = {
      position: { lat: -26.2386 - id * 0.002, lng: 27.8786 },
      name: null,
      address: '8115 Vilakazi Street, Orlando West',
      note: 'Green gate, ring twice',
    };
    const orderId = `ord_${id}`;
    const job = {
      orderId,
      code: `K${id}F`,
      jobVersion: 1,
      pickup,
      dropoff,
      distanceM: 3_400,
      currency: 'ZAR',
      cashMinor,
      promisedAtMs: null,
    };
    return {
      offerId: `off_${id}`,
      orderId,
      jobVersion: 1,
      driverId: DRIVER_ID,
      expiresAtMs: Date.now() + forMs,
      exclusive: true,
      feeMinor: 2_750,
      surge: 1.2,
      pickupDistanceM: 640,
      pickupEtaS: 180,
      plan: [],
      breakdown: {},
      currency: 'ZAR',
      job,
      ...rest,
    };
  }

  sendOffer(offer: DriverOffer): void {
    this.view = { ...this.view, offer };
    this.#push(offerMessage(offer));
  }

  /** As a server from before `net_minor` says it. */
  sendOfferWithoutNet(offer: DriverOffer): void {
    this.view = { ...this.view, offer };
    this.#push(JSON.stringify({ ...JSON.parse(offerMessage(offer)), net_minor: undefined }));
  }

  closeOffer(reason: 'taken' | 'cancelled' | 'expired'): void {
    const { offer } = this.view;
    if (offer === null) return;
    this.view = { ...this.view, offer: null };
    this.#push(newsMessage({ type: 'offer_closed', offerId: offer.offerId, reason }));
  }

  give(offer: DriverOffer, phase: JobPhase = 'to_pickup'): void {
    this.view = { ...this.view, jobs: [...this.view.jobs, active(offer, phase)] };
    this.#push(newsMessage({ type: 'delivery', job: active(offer, phase) }));
  }

  cancel(orderId: string): void {
    this.view = { ...this.view, jobs: this.view.jobs.filter(({ job }) => job.orderId !== orderId) };
    this.#push(newsMessage({ type: 'delivery_ended', orderId, outcome: 'cancelled' }));
  }

  goOnline(): void {
    this.view = { ...this.view, online: true, onlineSinceMs: Date.now() - 8_100_000 };
  }

  /** Resolves as soon as it holds; looked at after every frame. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  idsOf(type: string): string[] {
    return this.received.filter((frame) => frame.type === type).map((frame) => String(frame.id));
  }

  /* What the phone does */

  #requireReachable(request: HttpRequest): void {
    if (!this.reachable) throw new Problem('runtime.unavailable');
    if (request.header('authorization') !== `Bearer ${TOKEN}`) throw new Problem('auth.invalid_token');
    if (this.view.status === 'suspended') throw new Problem('driver.suspended');
  }

  #rating(request: HttpRequest): HttpReply {
    this.#requireReachable(request);
    const orderId = request.params.id ?? '';
    if (!this.effects.includes(`delivered ${orderId}`)) throw new Problem('delivery.wrong_phase');
    this.ratings.push({ orderId, ...(jsonBody(request) as object) });
    this.#stir();
    return json(200, {});
  }

  #proof(request: HttpRequest): HttpReply {
    this.#requireReachable(request);
    const orderId = request.params.id ?? '';
    const isDue = this.view.jobs.find(({ job }) => job.orderId === orderId)?.phase === 'at_dropoff';
    if (!isDue && !this.effects.includes(`delivered ${orderId}`)) throw new Problem('delivery.wrong_phase');
    this.proofs.push({ orderId, ...proofContentOf(request, 'photo') });
    this.#stir();
    return json(201, { n: this.proofs.length });
  }

  #binary(socket: Socket, frame: ArrayBuffer): void {
    const decoded = decodeBinary(frame);
    if (!decoded.ok) {
      this.faults.push(decoded.code);
      socket.end(1007, decoded.code);
    } else if (!this.view.online) this.faults.push('a position off duty');
    else this.fixes.push(...decoded.fixes);
  }

  #text(socket: Socket, text: string): void {
    const parsed = parseDriverMessage(text);
    const frame = JSON.parse(text) as Frame;
    const { id } = parsed;
    if (frame.type === 'ping') {
      this.#answer(socket, JSON.stringify({ type: 'error', id, code: 'driver.unknown_type' }));
      return;
    }
    this.received.push(frame);
    if (!parsed.ok || id === null) {
      this.faults.push(parsed.ok ? 'no id' : parsed.code);
      return;
    }
    let answer = this.#answers.get(id);
    if (answer === undefined) {
      const { ok, ...rest } = this.#decide(frame);
      answer = JSON.stringify({ type: ok ? 'ack' : 'error', id, ...(ok ? { ok } : {}), ...rest });
      this.#answers.set(id, answer);
    }
    if (!this.mute) this.#answer(socket, answer);
  }

  #decide(frame: Frame): { readonly ok: boolean; readonly code?: string; readonly outcome?: string; readonly tries_left?: number } {
    const { view } = this;
    if (frame.type === 'status') {
      const online = frame.status === 'online';
      this.effects.push(`status ${frame.status}`);
      this.view = { ...view, online, onlineSinceMs: online ? Date.now() : null };
      this.#push(newsMessage({ type: 'shift', online }));
      return { ok: true };
    }
    if (frame.type === 'accept' || frame.type === 'decline') return this.#answerOffer(frame);
    const known = view.jobs.find(({ job }) => job.orderId === frame.delivery_id);
    if (known === undefined) return { ok: false, code: 'delivery.not_yours' };
    if (frame.type === 'delivered') return this.#deliver(frame, known);
    const phase = STEP_TO[frame.type]?.[known.phase];
    if (phase === undefined) return { ok: false, code: 'delivery.wrong_phase' };
    if (this.isTooFar) return { ok: false, code: 'delivery.not_at_stop' };
    this.effects.push(`${frame.type} ${frame.delivery_id}`);
    const moved = { ...known, phase };
    this.view = { ...view, jobs: view.jobs.map((job) => (job === known ? moved : job)) };
    this.#push(newsMessage({ type: 'delivery', job: moved }));
    return { ok: true };
  }

  #answerOffer(frame: Frame): { readonly ok: boolean; readonly code?: string; readonly outcome?: string } {
    const { offer } = this.view;
    if (frame.type === 'decline' && frame.reason !== undefined && frame.offer_id === this.#unexplained) {
      this.effects.push(`reason ${frame.offer_id} ${frame.reason}`);
      this.#unexplained = null;
      return { ok: true };
    }
    if (offer === null || offer.offerId !== frame.offer_id) return { ok: false, code: 'offer.closed', outcome: 'expired' };
    this.effects.push(`${frame.type} ${frame.offer_id}`);
    this.view = { ...this.view, offer: null };
    if (frame.type === 'decline') {
      if (frame.reason === undefined) this.#unexplained = frame.offer_id;
      this.#push(newsMessage({ type: 'offer_closed', offerId: offer.offerId, reason: 'declined' }));
      return { ok: true };
    }
    if (this.acceptOutcome !== 'won') return { ok: false, code: 'offer.closed', outcome: this.acceptOutcome };
    this.give(offer);
    return { ok: true, outcome: 'won' };
  }

  #deliver(frame: Frame, known: ActiveJob) {
    if (PHASES.indexOf(known.phase) < 2) return { ok: false, code: 'delivery.wrong_phase' };
    if (frame.otp !== this.otp) return { ok: false, code: 'delivery.otp_wrong', tries_left: 4 };
    this.effects.push(`delivered ${frame.delivery_id}`);
    const { earnings } = this.view;
    this.view = {
      ...this.view,
      jobs: this.view.jobs.filter((job) => job !== known),
      earnings: { ...earnings, todayMinor: earnings.todayMinor + known.feeMinor, totalMinor: earnings.totalMinor + known.feeMinor },
    };
    this.#push(newsMessage({ type: 'delivery_ended', orderId: known.job.orderId, outcome: 'delivered' }));
    return { ok: true };
  }

  #answer(socket: Socket, text: string): void {
    if (socket.getUserData().open) socket.send(text);
  }

  #push(text: string | null): void {
    if (text !== null) for (const socket of this.#sockets) socket.send(text);
  }

  #stir(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
  }
}

function active(offer: DriverOffer, phase: JobPhase): ActiveJob {
  return { offerId: offer.offerId, feeMinor: offer.feeMinor, job: offer.job, phase, startedAtMs: Date.now() };
}
