/** What routing tells whoever keeps its metrics. Every field has few values. It must never know a metric's name. */
import type { RouteSource } from '../../actors/market/routing.ts';

export type RoutingOperation = 'table' | 'route' | 'round';

/** Why a call of a service gave nothing. The first group counts for the circuit. */
export type CallFailure =
  | 'unreachable'
  | 'timeout'
  | 'server_error'
  | 'too_large'
  /** Not JSON, or JSON of another shape. */
  | 'malformed'
  /** Of the right shape, and impossible throughout. */
  | 'unbelievable'
  /** A coded refusal of this request (no road near, no way): the service is well. */
  | 'refused'
  /** Not sent: the circuit is open, the queue is full, or the caller's time was up. */
  | 'circuit_open'
  | 'busy'
  | 'late';

/** Why legs come from the model although there is a service. */
export type FallbackReason =
  | CallFailure
  /** The service knows no way for this pair. */
  | 'no_way'
  | 'cancelled'
  /** More than a service is asked for at once, or no positions. */
  | 'not_asked'
  /** Time windows that cannot all be kept. */
  | 'infeasible';

export type RoutingEvent =
  /** One call over HTTP has ended. */
  | {
      readonly type: 'call';
      readonly source: RouteSource;
      readonly operation: RoutingOperation;
      readonly outcome: 'ok' | CallFailure;
      readonly latencyMs: number;
    }
  /** So many legs (a route and a round count as one) were taken from the model. */
  | {
      readonly type: 'fallback';
      readonly source: RouteSource;
      readonly operation: RoutingOperation;
      readonly reason: FallbackReason;
      readonly count: number;
    }
  | { readonly type: 'circuit'; readonly source: RouteSource; readonly state: 'closed' | 'half_open' | 'open' };

/** Called in the middle of a call: quick, and must not throw. */
export type RoutingHook = (event: RoutingEvent) => void;
