/** Routing against fake services, with everything that it tells; all of it is closed after each test. */
import { afterEach } from 'vitest';
import type { LatLng } from '../../src/geo/distance.ts';
import {
  createRouting,
  type RoutingConfig,
  type RoutingOptions,
  type RoutingServices,
} from '../../src/transport/routing/create-routing.ts';
import type { RoutingEvent } from '../../src/transport/routing/events.ts';
import type { FakeService } from './fake-services.ts';

/** Longer than a healthy fake ever takes on a busy machine. */
const PATIENT_MS = 10_000;
/** 2026-11-21 09:00 in Nairobi. */
export const AT_MS = Date.UTC(2026, 10, 21, 6);

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

export async function started(service: Promise<FakeService>): Promise<FakeService> {
  const fake = await service;
  open.unshift(fake);
  return fake;
}

export interface Harness extends RoutingServices {
  readonly events: RoutingEvent[];
  /** `reason x count` of every fallback, in order. */
  fallbacks(): string[];
  circuit(): string[];
}

export function routingFor(config: Partial<RoutingConfig>, options: RoutingOptions = {}): Harness {
  const events: RoutingEvent[] = [];
  const services = createRouting(
    { kind: 'model', url: null, vroomUrl: null, timeoutMs: PATIENT_MS, maxInFlight: 4, ...config },
    { ...options, hook: (event) => events.push(event) },
  );
  open.unshift(services);
  return {
    ...services,
    events,
    fallbacks: () => events.flatMap((event) => (event.type === 'fallback' ? [`${event.reason} x ${event.count}`] : [])),
    circuit: () => events.flatMap((event) => (event.type === 'circuit' ? [event.state] : [])),
  };
}

/** Spread over the city, no two alike, all more than a kilometre apart. */
export function spread(count: number, from: LatLng = { lat: -1.48, lng: 36.7 }): LatLng[] {
  const WIDTH = 25;
  return Array.from({ length: count }, (_, i) => {
    return { lat: from.lat + 0.012 * Math.floor(i / WIDTH), lng: from.lng + 0.012 * (i % WIDTH) };
  });
}

export const WESTLANDS: LatLng = { lat: -1.2676, lng: 36.8108 };
export const KILIMANI: LatLng = { lat: -1.2893, lng: 36.7869 };
export const CBD: LatLng = { lat: -1.2864, lng: 36.8172 };
export const KASARANI: LatLng = { lat: -1.2229, lng: 36.8987 };
