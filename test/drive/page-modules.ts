/** The page's pure modules with types: they are plain JavaScript, as browsers run them. */

interface PageFix {
  readonly atMs: number;
  readonly lat: number;
  readonly lng: number;
  readonly accuracyM: number | null;
  readonly speedMps: number | null;
  readonly headingDeg: number | null;
}
interface Place {
  readonly lat: number;
  readonly lng: number;
}
export interface Action {
  readonly id: string;
  readonly seq: number;
  readonly key: string;
  readonly message: { readonly id: string; readonly type: string; readonly [field: string]: unknown };
  readonly takenAtMs: number;
  readonly attempts: number;
  readonly notBeforeMs: number;
  readonly sentAtMs: number | null;
}
type Queue = readonly Action[];
export interface QueueModule {
  readonly ACTIONS_MAX: number;
  readonly ANSWER_WITHIN_MS: number;
  readonly SHIFT_KEY: string;
  actionOf(id: string, key: string, message: { readonly type: string; readonly [field: string]: unknown }, nowMs: number): Action;
  enqueue(queue: Queue, action: Action): { readonly queue: Queue; readonly added: boolean; readonly full: boolean };
  due(queue: Queue, nowMs: number): Action[];
  nextDueMs(queue: Queue): number | null;
  overdue(queue: Queue, nowMs: number): Action[];
  markSent(queue: Queue, id: string, nowMs: number): Queue;
  settle(queue: Queue, id: string): Queue;
  postpone(queue: Queue, id: string, nowMs: number, random: number): Queue;
  unsent(queue: Queue): Queue;
  backoffMs(attempt: number, random: number): number;
  isTransient(code: string | null): boolean;
  restored(stored: unknown[]): Queue;
}
export interface CodecModule {
  encodeFixes(fixes: readonly PageFix[]): ArrayBuffer;
  decodeFixes(buffer: ArrayBuffer): PageFix[];
  thinned<T>(fixes: readonly T[], max: number): T[];
}
export interface GeometryModule {
  distanceM(a: Place, b: Place): number;
  bearingDeg(a: Place, b: Place): number;
  stepToward(from: Place, to: Place, stepM: number): Place;
  sayDistance(metres: number | null): string;
  sketched(places: readonly Place[], box: { width: number; height: number; pad: number }): { x: number; y: number }[];
}
export interface Model {
  readonly online: boolean | null;
  readonly offer: { readonly offerId: string } | null;
  readonly jobs: readonly { readonly orderId: string; readonly phase: string }[];
  readonly touched: readonly string[];
}
export type ModelEvent = { readonly type: string; readonly [field: string]: unknown };
export interface ModelModule {
  readonly EMPTY_MODEL: Model;
  reduce(model: Model, event: ModelEvent, nowMs: number): { readonly model: Model; readonly news: readonly { readonly type: string }[] };
  confirmStep(model: Model, deliveryId: string, step: string): Model;
  withPending(job: object, actions: readonly object[]): { readonly phase: string; readonly confirmedPhase: string };
  stopsInOrder(jobs: readonly object[], told: readonly object[]): { readonly job: { readonly orderId: string }; readonly kind: string }[];
}
export interface WireModule {
  readonly DECLINE_REASONS: readonly string[];
  eventOf(frame: string): ModelEvent | null;
  viewOf(body: unknown): { readonly offer: object | null; readonly jobs: readonly object[]; readonly [field: string]: unknown };
}
export interface TextModule {
  readonly EN: Readonly<Record<string, string>>;
  readonly ZU: Readonly<Record<string, string>>;
}

/** @param name with its folder, without its ending */
export async function pageModule<T>(name: string): Promise<T> {
  return (await import(new URL(`../../src/transport/drive/page/${name}.js`, import.meta.url).href)) as T;
}
