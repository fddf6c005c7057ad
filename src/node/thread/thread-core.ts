/** The runtime of one thread, and what its actors and its siblings reach it by. It must never know the front door. */

import { conversationBehaviour } from '../../actors/conversation/actor.ts';
import { DURABLE_ACTORS, durableActors } from '../../actors/durable-actors.ts';
import { createMarketBehaviour } from '../../actors/market/actor.ts';
import { tenantBehaviour } from '../../actors/tenant/actor.ts';
import type { TenantEvent } from '../../actors/tenant/state.ts';
import { viewChange } from '../../actors/tenant/view.ts';
import type { Config } from '../../config.ts';
import type { Log } from '../../observability/log.ts';
import type { Metrics } from '../../observability/metrics.ts';
import type { ThreadDatabase } from '../../persistence/postgres/thread-database.ts';
import type { ActorSystem, EffectHandler } from '../../runtime/behaviour.ts';
import { systemClock } from '../../runtime/clock.ts';
import type { EntityRef } from '../../runtime/entity.ts';
import { NactExecutor } from '../../runtime/executor/nact-executor.ts';
import type { GroupCommitOptions } from '../../runtime/journal/group-commit.ts';
import { ThreadRuntime } from '../../runtime/thread/thread-runtime.ts';
import type { RoutingServices } from '../../transport/routing/create-routing.ts';
import type { WorkerStart } from '../control.ts';
import { threadOfShard } from '../fleet.ts';
import { followDispatch } from './dispatch-links.ts';
import { ThreadFeed } from './live-feed.ts';
import { SiblingLinks } from './sibling-links.ts';
import { observeIndexDelay } from './thread-metrics.ts';

/** Last positions of running deliveries that a thread remembers. */
const RETAINED_NEWS_MAX = 50_000;
const SYSTEM_LANE_FACTOR = 4;

interface ThreadCoreParts {
  readonly start: WorkerStart;
  readonly database: ThreadDatabase;
  /** Filled by the front door, which needs the runtime first. */
  readonly handlers: ReadonlyMap<string, EffectHandler>;
  /** null where roads are a model. */
  readonly roads: RoutingServices | null;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly hooks: ThreadHooks;
}

/** What the thread's runtime needs of whoever owns the thread. */
export interface ThreadHooks {
  readonly reopen: GroupCommitOptions['reopen'];
  /** Something only a new thread or an operator can mend. */
  fatal(code: string, message: string): void;
}

interface ThreadCore {
  readonly runtime: ThreadRuntime;
  readonly links: SiblingLinks;
  readonly feed: ThreadFeed;
}

/** Kind name to storage code, as the store needs it. */
export function storageKinds(): ReadonlyMap<string, number> {
  return new Map(DURABLE_ACTORS.map(({ kind, kindCode }) => [kind, kindCode]));
}

/** They know each other, so they are made together. Nothing is served before the runtime is given its shards. */
export function createThreadCore({ start, database, handlers, roads, log, metrics, hooks }: ThreadCoreParts): ThreadCore {
  const { config, thread, threads } = start;
  const { tenants } = database;
  const system: ActorSystem = {
    tell: (to, command, options) => runtime.tell(to, command, options),
    ask: (to, command, options) => runtime.ask(to, command, options),
  };
  const links = new SiblingLinks({
    thread,
    threadOf: (shard) => threadOfShard(shard, threads),
    mesh: () => runtime.mesh,
    tenantChanged: (tenantId, what) => tenants.invalidate(tenantId, what),
  });
  const feed = new ThreadFeed({
    broadcast: (topic, message, retain) => links.broadcast({ type: 'live', topic, message, retain }),
    retainedMax: RETAINED_NEWS_MAX,
    defect: (error) => log.error({ error }, 'a listener of the live feed failed'),
  });
  links.onLive((topic, message, retain) => feed.deliver(topic, message, retain));
  const follow = followDispatch({ system, tenants, feed, clock: systemClock });
  const runtime: ThreadRuntime = new ThreadRuntime({
    thread,
    threadOf: (shard) => threadOfShard(shard, threads),
    behaviours: [
      ...durableActors(config.orders),
      createMarketBehaviour({
        system,
        clock: systemClock,
        dispatch: { policy: livePolicy(config) },
        routing: roads?.routing ?? null,
        observeDelay: observeIndexDelay(metrics),
      }),
    ],
    handlers,
    executor: new NactExecutor(),
    clock: systemClock,
    store: database.journal,
    limits: runtimeLimits(config),
    log,
    random: Math.random,
    reopen: hooks.reopen,
    schedule: (task) => void setImmediate(task),
    prepare: async (ref: EntityRef) => {
      if (ref.kind === conversationBehaviour.kind) await tenants.view(ref.tenantId);
    },
    viewOf: (ref: EntityRef) => tenants.peekView(ref.tenantId),
    committed: (ref, events, state) => {
      if (ref.kind === tenantBehaviour.kind) {
        const what = viewChange(events as readonly TenantEvent[]);
        if (what === 'nothing') return;
        tenants.invalidate(ref.tenantId, what);
        links.broadcast({ type: 'tenant_changed', tenantId: ref.tenantId, what });
      } else follow(ref, events, state);
    },
    notice: (notice) => links.heard(notice),
    // Another process owns these shards now: this one has nothing left to serve on this thread.
    fenced: (shards) => hooks.fatal('cluster.fenced', `lost ${shards.length} shards to another owner`),
  });
  return { runtime, links, feed };
}

/** Live drivers refuse: a job does not wait for somebody who will be free soon and may say no. */
function livePolicy({ dispatch }: Config) {
  return { ...dispatch, lookAhead: false };
}

function runtimeLimits(config: Config) {
  return {
    commandMax: config.runtime.mailboxCapacity,
    systemMax: config.runtime.mailboxCapacity * SYSTEM_LANE_FACTOR,
    entityMax: config.runtime.entityCap,
    idleMs: config.runtime.passivateAfterMs,
    batchMax: config.journal.batchMax,
    flushMs: config.journal.flushMs,
    mailboxTotal: config.runtime.mailboxTotal,
    snapshotEvery: config.runtime.snapshotEvery,
    poisonTries: config.runtime.poisonTries,
    restartsPerMinute: config.runtime.restartsPerMinute,
    linkCredit: { messages: config.runtime.linkCreditMessages, bytes: config.runtime.linkCreditBytes },
  };
}
