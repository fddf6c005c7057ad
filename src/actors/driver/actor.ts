/** The driver actor: binds its pure functions to the runtime and projects its read model. */
import type { DurableBehaviour, EventMeta, ReadModelWrite } from '../../runtime/behaviour.ts';
import { write } from '../read-models.ts';
import { decideDriver } from './decide.ts';
import type { DriverCommand } from './protocol.ts';
import { type DriverActorState, type DriverEvent, evolveDriver, initialDriver } from './state.ts';
import { driverView } from './views.ts';

const EVENT_VERSIONS: Readonly<Record<DriverEvent['type'], number>> = {
  driver_registered: 1,
  driver_changed: 1,
  driver_approved: 1,
  driver_suspended: 1,
  shift_started: 1,
  shift_ended: 1,
  offer_made: 1,
  offer_accepted: 1,
  offer_closed: 1,
  refusal_explained: 1,
  job_won: 1,
  job_moved: 1,
  job_closed: 1,
  driver_rated: 1,
  cash_settled: 1,
  cash_returned: 1,
};

export const driverBehaviour: DurableBehaviour<DriverActorState, DriverCommand, DriverEvent, unknown> = {
  durable: true,
  kind: 'driver',
  kindCode: 5,
  stateVersion: 2,
  eventVersions: EVENT_VERSIONS,
  initial: () => initialDriver,
  decide: decideDriver,
  evolve: evolveDriver,
  project: projectDriver,
  subject: (ref) => ref.id,
};

/** Offers come and go many times an hour; the list shows what lasts. */
const LISTED: Readonly<Record<DriverEvent['type'], boolean>> = {
  driver_registered: true,
  driver_changed: true,
  driver_approved: true,
  driver_suspended: true,
  shift_started: true,
  shift_ended: true,
  offer_made: false,
  offer_accepted: false,
  offer_closed: false,
  refusal_explained: true,
  job_won: true,
  job_moved: false,
  job_closed: true,
  driver_rated: true,
  cash_settled: true,
  cash_returned: true,
};

function projectDriver(event: DriverEvent, after: DriverActorState, meta: EventMeta): readonly ReadModelWrite[] {
  const isListed = LISTED[event.type] || (event.type === 'offer_closed' && event.data.reason !== undefined);
  if (!isListed) return [];
  const view = driverView(after, meta.ref.id, meta.atMs);
  if (view === null) return [];
  const { name, phone, documents, offer: _offer, jobs: _jobs, profile, ...open } = view;
  const vehicle = { ...view.vehicle, registration: null };
  const { stops: _stops, ...standing } = profile;
  return [
    write('driver.upsert', {
      driverId: view.id,
      status: view.status,
      online: view.online,
      vehicle: view.vehicle.type,
      createdAtMs: view.createdAtMs,
      updatedAtMs: meta.atMs,
      version: meta.seq,
      body: { ...open, vehicle, profile: standing },
      personal: { name, phone, documents, registration: view.vehicle.registration },
    }),
  ];
}
