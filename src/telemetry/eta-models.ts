/** What is learned about the durations of legs, one model a tenant, bounded, in memory only. It must never know a driver. */
import { type EtaModel, newEtaModel, observe, type Trip } from '../geo/eta/eta-model.ts';

/** Tenants with a model of their own; the one that learned longest ago is forgotten. */
const MODELS_MAX = 256;

export class EtaModels {
  readonly #fresh = newEtaModel();
  readonly #models = new Map<number, EtaModel>();

  /** The prior while nothing was learned. */
  of(tenantId: number): EtaModel {
    return this.#models.get(tenantId) ?? this.#fresh;
  }

  learn(tenantId: number, trip: Trip): void {
    const before = this.of(tenantId);
    const after = observe(before, trip);
    if (after === before) return;
    this.#models.delete(tenantId);
    this.#models.set(tenantId, after);
    for (const oldest of this.#models.keys()) {
      if (this.#models.size <= MODELS_MAX) return;
      this.#models.delete(oldest);
    }
  }
}
