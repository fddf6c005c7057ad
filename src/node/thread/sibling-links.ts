/** What the threads of this node tell each other besides actor messages: cache invalidation, live news, positions. All of it lossy. */
import type { ViewChange } from '../../actors/tenant/view.ts';
import type { Mesh } from '../../runtime/thread/mesh.ts';
import { isTelemetryNotice, type TelemetryNotice, type ThreadLinks } from '../../telemetry/protocol.ts';

type SiblingNotice =
  | { readonly type: 'tenant_changed'; readonly tenantId: number; readonly what: Exclude<ViewChange, 'nothing'> }
  | { readonly type: 'live'; readonly topic: string; readonly message: unknown; readonly retain: boolean }
  | TelemetryNotice;

interface SiblingLinksOptions {
  readonly thread: number;
  threadOf(shard: number): number;
  mesh(): Mesh;
  tenantChanged(tenantId: number, what: Exclude<ViewChange, 'nothing'>): void;
}

export class SiblingLinks implements ThreadLinks {
  readonly #options: SiblingLinksOptions;
  #live: (topic: string, message: unknown, retain: boolean) => void = () => undefined;
  #gps: (notice: TelemetryNotice) => void = () => undefined;

  constructor(options: SiblingLinksOptions) {
    this.#options = options;
  }

  get thread(): number {
    return this.#options.thread;
  }

  threadOf(shard: number): number {
    return this.#options.threadOf(shard);
  }

  /** One listener each; before the siblings are connected. */
  onLive(listener: (topic: string, message: unknown, retain: boolean) => void): void {
    this.#live = listener;
  }

  onGps(listener: (notice: TelemetryNotice) => void): void {
    this.#gps = listener;
  }

  send(thread: number, notice: SiblingNotice): boolean {
    return this.#options.mesh().send(thread, { k: 2, n: notice }, false) === 'sent';
  }

  broadcast(notice: SiblingNotice): void {
    // News may be lost, a stale copy of a shop's prices may not stay.
    this.#options.mesh().broadcast(notice, notice.type === 'tenant_changed');
  }

  /** From a sibling. */
  heard(given: unknown): void {
    const notice = given as SiblingNotice;
    if (isTelemetryNotice(notice)) this.#gps(notice);
    else if (notice.type === 'tenant_changed') this.#options.tenantChanged(notice.tenantId, notice.what);
    else this.#live(notice.topic, notice.message, notice.retain);
  }
}
