/** What the runtime of a thread, its markets and its roads tell the monitor. It must never know what a figure means for anybody. */
import type { Metrics } from '../../observability/metrics.ts';
import type { Counters } from '../../runtime/cell/cell-host.ts';
import type { ThreadRuntime } from '../../runtime/thread/thread-runtime.ts';
import type { RoutingHook } from '../../transport/routing/events.ts';

const MS_PER_S = 1_000;
/** Fine where a position should be: a batch waits 20 ms, a position on another thread 10 more. */
const INDEX_DELAY_BUCKETS_S = [0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10];

const COUNTED: readonly (readonly [string, string, keyof Counters])[] = [
  ['wakala_runtime_handled_messages_total', 'Messages that actors handled.', 'handled'],
  [
    'wakala_runtime_rejected_messages_total',
    'Messages refused because too many waited at an actor, of a tenant, at the thread or on the way to another one.',
    'rejected',
  ],
  ['wakala_runtime_expired_messages_total', 'Messages and asks whose deadline passed.', 'expired'],
  ['wakala_runtime_duplicate_commands_total', 'Commands that were known and answered as before.', 'duplicates'],
  ['wakala_runtime_conflicts_total', 'Decisions that the store refused.', 'conflicts'],
  ['wakala_runtime_activations_total', 'Actors read from the journal.', 'activations'],
  ['wakala_runtime_passivations_total', 'Actors put to sleep.', 'passivations'],
  ['wakala_runtime_restarts_total', 'Crashes of actors.', 'restarts'],
  ['wakala_runtime_quarantines_total', 'Actors set aside after too many restarts.', 'quarantines'],
  ['wakala_runtime_dead_letters_total', 'Messages given up and kept for an operator.', 'deadLetters'],
];

export function watchRuntime(metrics: Metrics, runtime: ThreadRuntime): void {
  const read = (name: string, help: string, value: () => number): void => void metrics.gauge(name, help, { read: value });
  const count = (name: string, help: string, value: () => number): void => metrics.tally(name, help, value);
  read('wakala_actors_live_actors', 'Entities in memory.', () => runtime.entities);
  read('wakala_mailbox_depth_messages', 'Messages that wait at all actors.', () => runtime.depths().total);
  read(
    'wakala_admission_waiting_messages',
    'Commands that wait at all actors, of at most WAKALA_MAILBOX_TOTAL.',
    () => runtime.admission.waiting,
  );
  read('wakala_pending_effects', 'Promised work that is not settled.', () => runtime.pendingEffects);
  read('wakala_pending_asks_requests', 'Asks that wait for an answer.', () => runtime.pendingAsks);
  count('wakala_journal_committed_events_total', 'Events written by this thread.', () => runtime.journal.stats.events);
  count('wakala_journal_batches_total', 'Group commits of this thread.', () => runtime.journal.stats.batches);
  count('wakala_journal_failed_batches_total', 'Group commits whose outcome was lost.', () => runtime.journal.stats.failures);
  for (const [name, help, counter] of COUNTED) count(name, help, () => runtime.counters[counter]);
}

/** From the socket to the market's index, through home thread and batch. */
export function observeIndexDelay(metrics: Metrics): (delayMs: number) => void {
  const help = 'Time from the front door to the index of a market, of the oldest position in each batch.';
  const delays = metrics.histogram('wakala_gps_index_delay_seconds', help, [], INDEX_DELAY_BUCKETS_S);
  return (delayMs) => delays.observe(delayMs / MS_PER_S);
}

/** Road services, as they are seen from here. */
export function countRoads(metrics: Metrics): RoutingHook {
  const calls = metrics.counter('wakala_routing_requests_total', 'Questions to road services.', ['source', 'outcome']);
  const fallbacks = metrics.counter('wakala_routing_fallbacks_total', 'Legs that the model answered for a service.', ['source', 'reason']);
  return (event) => {
    if (event.type === 'call') calls.inc({ source: event.source, outcome: event.outcome });
    else if (event.type === 'fallback') fallbacks.inc({ source: event.source, reason: event.reason }, event.count);
  };
}
