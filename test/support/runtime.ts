/** A whole thread runtime in one process over any executor and store, and small behaviours to put on it. */
import type { AnyBehaviour, Decision, DomainEvent, DurableBehaviour, EffectHandler } from '../../src/runtime/behaviour.ts';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';
import type { EntityRef } from '../../src/runtime/entity.ts';
import { SHARDS } from '../../src/runtime/entity.ts';
import type { Executor } from '../../src/runtime/executor/executor.ts';
import { NactExecutor } from '../../src/runtime/executor/nact-executor.ts';
import type { RuntimeLimits } from '../../src/runtime/thread/limits.ts';
import { ThreadRuntime } from '../../src/runtime/thread/thread-runtime.ts';
import { MemoryStore } from './memory-store.ts';

export interface CounterCommand {
  readonly type: 'add' | 'get' | 'crash' | 'refuse' | 'remind' | 'call' | 'called';
  readonly amount?: number;
  readonly dueAtMs?: number;
  readonly durable?: boolean;
  readonly handler?: string;
  readonly to?: EntityRef;
}

export type CounterEvent = DomainEvent & { readonly data: { readonly amount: number } };

export const counter: DurableBehaviour<{ total: number; calls: number }, CounterCommand, CounterEvent> = {
  durable: true,
  kind: 'counter',
  kindCode: 50,
  stateVersion: 1,
  initial: () => ({ total: 0, calls: 0 }),
  decide(state, command, context): Decision<CounterEvent> {
    switch (command.type) {
      case 'add':
        return { ok: true, events: [{ type: 'added', data: { amount: command.amount ?? 1 } }], reply: state.total + (command.amount ?? 1) };
      case 'get':
        return { ok: true, events: [], reply: { ...state } };
      case 'crash':
        throw new Error('planted');
      case 'refuse':
        return { ok: false, refusal: { code: 'counter.refused' } };
      case 'remind':
        return {
          ok: true,
          events: [{ type: 'added', data: { amount: 0 } }],
          timers: [
            {
              op: 'arm',
              name: 'tick',
              dueAtMs: command.dueAtMs ?? context.nowMs,
              durable: command.durable ?? true,
              command: { type: 'add', amount: command.amount ?? 1 },
            },
          ],
        };
      case 'call':
        return {
          ok: true,
          events: [{ type: 'added', data: { amount: 0 } }],
          effects: [
            command.to === undefined
              ? { type: 'external', id: context.uniqueId('call'), handler: command.handler ?? 'echo', input: command.amount ?? 1 }
              : {
                  type: 'send',
                  id: context.uniqueId('call'),
                  to: command.to,
                  command: { type: 'add', amount: command.amount ?? 1 },
                  onResult: { type: 'called' },
                },
          ],
        };
      case 'called':
        return { ok: true, events: [{ type: 'called', data: { amount: 1 } }] };
    }
  },
  evolve: (state, event) =>
    event.type === 'called' ? { ...state, calls: state.calls + 1 } : { ...state, total: state.total + event.data.amount },
  project: (event, after, meta) => [{ op: 'counter.upsert', row: { id: meta.ref.id, total: after.total, type: event.type } }],
};

export function ref(id: string, shard = 7, kind = 'counter', tenantId = 1): EntityRef {
  return { tenantId, kind, id, shard };
}

export const LIMITS: RuntimeLimits = {
  commandMax: 1_000,
  systemMax: 4_096,
  entityMax: 100_000,
  idleMs: 60_000,
  batchMax: 500,
  flushMs: 0,
  mailboxTotal: 1_000_000,
  snapshotEvery: 100,
  poisonTries: 3,
  restartsPerMinute: 5,
  linkCredit: { messages: 8_192, bytes: 4 * 1024 * 1024 },
};

export interface RuntimeFixture {
  readonly runtime: ThreadRuntime;
  readonly store: MemoryStore;
  readonly logged: string[];
  /** What each line of `logged` was said about. */
  readonly facts: object[];
}

export async function startRuntime(
  options: {
    store?: MemoryStore;
    executor?: Executor;
    clock?: Clock;
    limits?: Partial<RuntimeLimits>;
    handlers?: Record<string, EffectHandler>;
    behaviours?: AnyBehaviour[];
    /** This thread is 0. Default: it serves all shards. */
    threadOf?: (shard: number) => number;
  } = {},
): Promise<RuntimeFixture> {
  const store = options.store ?? new MemoryStore();
  const logged: string[] = [];
  const facts: object[] = [];
  const write = (about: object, text: string): void => {
    logged.push(text);
    facts.push(about);
  };
  const reopen = async (shards: readonly number[]) => {
    const opened = await store.openShards(shards);
    return new Map([...opened].map(([shard, hold]) => [shard, { epoch: store.epochs.get(shard) ?? 1, lastPos: hold.lastPos }]));
  };
  const runtime = new ThreadRuntime({
    thread: 0,
    threadOf: options.threadOf ?? (() => 0),
    behaviours: options.behaviours ?? [counter],
    handlers: new Map(Object.entries(options.handlers ?? {})),
    executor: options.executor ?? new NactExecutor(),
    clock: options.clock ?? systemClock,
    store,
    limits: { ...LIMITS, ...options.limits },
    log: { warn: write, error: write },
    random: () => 0.5,
    reopen,
    schedule: (task) => void setImmediate(task),
  });
  const shards = Array.from({ length: SHARDS }, (_, shard) => shard);
  const opened = await store.openShards(shards);
  runtime.serve(new Map([...opened].map(([shard, hold]) => [shard, { ...hold, epoch: store.epochs.get(shard) ?? 1 }])));
  return { runtime, store, logged, facts };
}

/** Keeps the store from answering: a commit waits until it is let through or lost. */
export function holdCommits(store: MemoryStore): { isHeld(): boolean; release(): void; lose(): void } {
  let held: { readonly release: () => void; readonly lose: () => void } | null = null;
  store.onCommit = () =>
    new Promise((resolve, reject) => {
      held = { release: () => resolve('ok'), lose: () => reject(new Error('connection lost')) };
    });
  return { isHeld: () => held !== null, release: () => held?.release(), lose: () => held?.lose() };
}
