/**
 * A whole node in one process: threads with the real runtime and the real actors, linked and sharded as in production, over one faulty
 * store and one virtual clock. A thread, or all of them, may be killed at any moment; nothing but the store outlives that.
 */
import { conversationBehaviour } from '../../src/actors/conversation/actor.ts';
import { driverBehaviour } from '../../src/actors/driver/actor.ts';
import { createMarketBehaviour } from '../../src/actors/market/actor.ts';
import { orderBehaviour } from '../../src/actors/order/actor.ts';
import { tenantBehaviour } from '../../src/actors/tenant/actor.ts';
import type { TenantEvent } from '../../src/actors/tenant/state.ts';
import { viewChange } from '../../src/actors/tenant/view.ts';
import { shardsOfThread, threadOfShard } from '../../src/node/fleet.ts';
import { followDispatch } from '../../src/node/thread/dispatch-links.ts';
import { ThreadFeed } from '../../src/node/thread/live-feed.ts';
import type { CustomerDirectory, TenantAddress } from '../../src/ports.ts';
import type { ActorSystem, EffectHandler } from '../../src/runtime/behaviour.ts';
import type { VirtualClock } from '../../src/runtime/clock.ts';
import { DeterministicExecutor } from '../../src/runtime/executor/deterministic-executor.ts';
import { ThreadRuntime } from '../../src/runtime/thread/thread-runtime.ts';
import { IntakeBoard } from '../../src/transport/whatsapp/intake/intake-board.ts';
import { IntakeDeferral } from '../../src/transport/whatsapp/intake/intake-deferral.ts';
import { IntakeDrain } from '../../src/transport/whatsapp/intake/intake-drain.ts';
import { intakeLanesOf } from '../../src/transport/whatsapp/intake/intake-lane.ts';
import { DEADLINE_MS, Handover, partsOf } from '../../src/transport/whatsapp/webhook/handover.ts';
import type { WebhookPart } from '../../src/transport/whatsapp/webhook/webhook-parse.ts';
import { MemoryIntakeLog } from '../support/memory-intake-log.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { LIMITS } from '../support/runtime.ts';
import { FaultyIntakeLog, FaultyStore, Line, type StoreFaults } from './faulty-store.ts';
import { portPair } from './port-pair.ts';
import { Tenants } from './tenants.ts';

export const THREADS = 2;
/** Small, so that everybody falls asleep, is written down and wakes again all the time. */
const SMALL = { idleMs: 4_000, snapshotEvery: 6, batchMax: 8, commandMax: 50, restartsPerMinute: 1_000 };

/** Posts in work at a thread above which the next is written down first. */
const ABOVE = 2;

/** What threads tell each other beside the messages of actors: that the shop has changed, or news for whoever listens. */
type Notice = null | { readonly topic: string; readonly message: unknown; readonly retain: boolean };

interface NodeOptions {
  readonly clock: VirtualClock;
  readonly random: () => number;
  readonly faults: StoreFaults;
  readonly address: TenantAddress;
  readonly handlers: ReadonlyMap<string, EffectHandler>;
  readonly customers: CustomerDirectory;
  /** What a thread says about itself that no fault of the store explains. */
  defect(text: string): void;
}

export interface Thread {
  readonly runtime: ThreadRuntime;
  /** Where phones and pages of this thread hear of drivers and orders. */
  readonly feed: ThreadFeed;
  readonly executor: DeterministicExecutor;
  readonly line: Line;
  readonly handover: Handover;
  readonly deferral: IntakeDeferral;
  readonly drain: IntakeDrain;
  /** Resolves when it is killed: who waits for it hears nothing more. */
  readonly death: Promise<null>;
  die(): void;
}

export class SimulatedNode {
  readonly database = new MemoryStore();
  readonly intake = new MemoryIntakeLog();
  readonly parked: unknown[] = [];
  readonly threads: (Thread | null)[] = Array.from({ length: THREADS }, () => null);
  readonly #options: NodeOptions;
  /** Memory that the threads share, lost with the process. */
  #board = IntakeBoard.allocate(THREADS);
  readonly #inWork = Array.from({ length: THREADS }, () => 0);
  /** Threads being started; a newer start of the same thread makes the older one void. */
  readonly #generations = Array.from({ length: THREADS }, () => 0);

  constructor(options: NodeOptions) {
    this.#options = options;
  }

  get living(): readonly Thread[] {
    return this.threads.filter((thread) => thread !== null);
  }

  /** One turn of one actor of a thread. @returns false when nobody is ready. */
  step(at: number): boolean {
    return this.threads[at]?.executor.step() ?? false;
  }

  /** Whether a command is remembered with its answer. */
  hasStored(commandId: string | null): boolean {
    return this.database.processed.has(`${this.#options.address.tenantId}|${commandId}`);
  }

  /** A webhook at one of the threads. @returns whether it was answered 200. */
  async post(thread: Thread, body: object): Promise<boolean> {
    const at = this.threads.indexOf(thread);
    const post = JSON.stringify(body);
    const bytes = Buffer.from(post);
    const nowMs = this.#options.clock.nowMs();
    const parts = partsOf(bytes, post, nowMs);
    this.#inWork[at] = (this.#inWork[at] ?? 0) + 1;
    const way = thread.deferral.wayOf(parts, this.#inWork[at]);
    const handOver = (some: readonly WebhookPart[]): Promise<boolean> => thread.handover.takeAll(some, post, nowMs + DEADLINE_MS);
    const taken =
      way === 'now' ? handOver(parts) : 'parts' in way ? handOver(way.parts).then(() => false) : thread.deferral.write(way, bytes);
    const durable = await Promise.race([taken, thread.death]);
    if (this.threads[at] === thread) this.#inWork[at] = (this.#inWork[at] ?? 1) - 1;
    return durable === true;
  }

  /** What a dead thread leaves: nothing but the store, and perhaps a batch on its way there. */
  kill(at: number): void {
    const dead = this.threads[at];
    this.#generations[at] = (this.#generations[at] ?? 0) + 1;
    this.threads[at] = null;
    if (dead == null) return;
    dead.line.isDead = true;
    this.#inWork[at] = 0;
    void dead.drain.stop();
    dead.die();
    for (const other of this.living) other.runtime.lostThread(at);
    void dead.runtime.close();
  }

  /** As the fleet does: new epochs, then what a life before left behind, then links to the siblings. */
  async start(at: number): Promise<void> {
    if (this.threads[at] !== null) return;
    const generation = (this.#generations[at] ?? 0) + 1;
    this.#generations[at] = generation;
    const { clock, faults, random } = this.#options;
    if (this.living.length === 0) this.#board = IntakeBoard.allocate(THREADS);
    const line = new Line(clock, random, faults);
    const store = new FaultyStore(this.database, line);
    const log = new FaultyIntakeLog(this.intake, line);
    const shards = shardsOfThread(at, THREADS);
    for (;;) {
      try {
        const epochs = await this.#claim(shards, () => this.#generations[at] === generation);
        const opened = await store.openShards(shards);
        const left = await log.waiting(intakeLanesOf(at, THREADS));
        if (this.#generations[at] !== generation) return;
        const thread = this.#thread(at, line, store, log);
        new IntakeBoard(this.#board).found(at, left);
        const holds = shards.map((shard) => {
          const found = opened.get(shard) ?? { lastPos: 0, effectsCheckpoint: 0, passed: null };
          return [shard, { epoch: epochs.get(shard) ?? -1, ...found }] as const;
        });
        thread.runtime.serve(new Map(holds));
        this.threads[at] = thread;
        this.#link(at, thread);
        thread.drain.start();
        return;
      } catch {
        await new Promise<void>((resolve) => clock.after(100, resolve));
        if (this.#generations[at] !== generation) return;
      }
    }
  }

  /** Nobody claims for a thread that is dead meanwhile. */
  async #claim(shards: readonly number[], isWanted: () => boolean): Promise<Map<number, number>> {
    const { clock, faults, random } = this.#options;
    await new Promise<void>((resolve) => clock.after(Math.floor(random() * faults.slowestMs), resolve));
    if (random() < faults.reads || !isWanted()) throw new Error('the database is away');
    return new Map(
      shards.map((shard) => {
        const epoch = (this.database.epochs.get(shard) ?? 1) + 1;
        this.database.epochs.set(shard, epoch);
        return [shard, epoch];
      }),
    );
  }

  #link(at: number, thread: Thread): void {
    for (const [other, sibling] of this.threads.entries()) {
      if (sibling === null || other === at) continue;
      const [mine, theirs] = portPair((task) => void setImmediate(task));
      thread.runtime.mesh.connect(other, mine);
      sibling.runtime.mesh.connect(at, theirs);
    }
  }

  #thread(at: number, line: Line, store: FaultyStore, log: FaultyIntakeLog): Thread {
    const { clock, customers, random } = this.#options;
    const executor = new DeterministicExecutor(Math.floor(random() * 2 ** 32));
    const tenants = new Tenants(this.database, this.#options.address);
    const { feed, runtime } = this.#runtime(at, line, store, executor, tenants);
    const parking = { park: async (item: unknown) => void this.parked.push(item) };
    const handover = new Handover({
      system: runtime,
      tenants,
      customers,
      parking,
      nowMs: () => clock.nowMs(),
      monotonicMs: () => clock.monotonicMs(),
      warn: () => undefined,
    });
    const board = new IntakeBoard(this.#board);
    const drain = new IntakeDrain({
      log,
      board,
      handover,
      thread: at,
      threads: THREADS,
      nowMs: () => clock.nowMs(),
      monotonicMs: () => clock.monotonicMs(),
      random,
      after: (ms, task) => clock.after(ms, task),
      warn: () => undefined,
    });
    const wake = (thread: number): void => {
      if (thread === at) drain.wake();
    };
    const bounds = { always: false, above: ABOVE, messagesMax: 1_000, bytesMax: 1_000_000 };
    const deferral = new IntakeDeferral({ ...bounds, log, board, threads: THREADS, wake });
    let die = (): void => undefined;
    const death = new Promise<null>((resolve) => {
      die = () => resolve(null);
    });
    return { runtime, feed, executor, line, handover, deferral, drain, death, die };
  }

  /** The runtime and its live feed, wired as a thread of the program wires them. */
  #runtime(
    at: number,
    line: Line,
    store: FaultyStore,
    executor: DeterministicExecutor,
    tenants: Tenants,
  ): Pick<Thread, 'runtime' | 'feed'> {
    const { clock, defect, handlers, random } = this.#options;
    const system: ActorSystem = {
      tell: (to, command, options) => runtime.tell(to, command, options),
      ask: (to, command, options) => runtime.ask(to, command, options),
    };
    const feed = new ThreadFeed({
      broadcast: (topic, message, retain) => runtime.mesh.broadcast({ topic, message, retain } satisfies Notice),
      retainedMax: 100,
      defect: (error) => defect(`a listener failed: ${String(error)}`),
    });
    const follow = followDispatch({ system, tenants, feed, clock });
    // As live: nobody is waited for who may say no.
    const market = createMarketBehaviour({ system, clock, dispatch: { policy: { lookAhead: false } }, routing: null });
    const runtime: ThreadRuntime = new ThreadRuntime({
      thread: at,
      threadOf: (shard) => threadOfShard(shard, THREADS),
      behaviours: [tenantBehaviour, conversationBehaviour, orderBehaviour, driverBehaviour, market],
      handlers,
      executor,
      clock,
      store,
      limits: { ...LIMITS, ...SMALL },
      log: { warn: () => undefined, error: (facts, text) => defect(`${text} ${JSON.stringify(facts)}`) },
      random,
      reopen: async (shards) => {
        const epochs = await this.#claim(shards, () => !line.isDead);
        const opened = await store.openShards(shards);
        return new Map(shards.map((shard) => [shard, { epoch: epochs.get(shard) ?? -1, lastPos: opened.get(shard)?.lastPos ?? 0 }]));
      },
      schedule: (task) => void setImmediate(task),
      prepare: async (ref) => {
        if (ref.kind === 'conversation') await tenants.view(ref.tenantId);
      },
      viewOf: (ref) => tenants.peekView(ref.tenantId),
      committed: (ref, events, state) => {
        if (ref.kind !== 'tenant') {
          follow(ref, events, state);
          return;
        }
        if (viewChange(events as readonly TenantEvent[]) === 'nothing') return;
        tenants.invalidate();
        runtime.mesh.broadcast(null satisfies Notice);
      },
      notice: (notice) => {
        const heard = notice as Notice;
        if (heard === null) tenants.invalidate();
        else feed.deliver(heard.topic, heard.message, heard.retain);
      },
      fenced: () => {
        if (!line.isDead) defect('lost shards to another owner');
      },
    });
    return { feed, runtime };
  }
}
