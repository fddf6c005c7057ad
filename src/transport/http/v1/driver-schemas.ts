/** Shapes of drivers, offers and deliveries as zod schemas of the wire, and bodies as the actor's words. It must never know a handler. */
import { z } from 'zod';
import {
  DECLINE_REASONS,
  DOCUMENT_KINDS,
  type DocumentKind,
  type DriverDocument,
  type DriverInput,
  type DriverPatch,
  VEHICLE_TYPES,
} from '../../../actors/driver/protocol.ts';
import { parseTtl } from '../token.ts';
import { isoTime, money, position, text, unreadable, waId } from './schemas.ts';

const DAY_S = 86_400;
const TOKEN_TTL_MAX_S = 30 * DAY_S;
const TOKEN_TTL_DEFAULT = '12h';

export const DRIVER_STATUSES = ['applied', 'approved', 'suspended'] as const;

const vehicleShape = {
  type: z.enum(VEHICLE_TYPES),
  registration: text(20).nullish(),
  cold_storage: z.boolean().optional(),
};
/** A bare text is the document's number. */
const document = z.union([
  text(60).transform((number) => ({ number, expires_on: null })),
  z.object({ number: text(60).nullish(), expires_on: z.iso.date().nullish() }),
]);
type DocumentBody = z.output<typeof document>;

const documentShape = {
  licence: document.nullish(),
  vehicle_registration: document.nullish(),
  insurance: document.nullish(),
  police_clearance: document.nullish(),
} satisfies Record<(typeof DOCUMENT_KINDS)[number], unknown>;

export const driverBody = z.object({
  name: text(120),
  phone: waId,
  vehicle: z.object(vehicleShape),
  documents: z.object(documentShape).optional(),
});
/** What is not named stays; a document that is null goes. */
export const driverPatch = z.strictObject({
  name: text(120).optional(),
  phone: waId.optional(),
  vehicle: z.strictObject(vehicleShape).partial().optional(),
  documents: z.strictObject(documentShape).optional(),
});
export const suspendBody = z.object({ reason: text(300).optional() });
export const tokenBody = z.object({
  /** In seconds after reading. */
  ttl: z
    .string()
    .default(TOKEN_TTL_DEFAULT)
    .transform((value) => parseTtl(value) ?? 0)
    .refine((seconds) => seconds > 0 && seconds <= TOKEN_TTL_MAX_S, 'must be like 15m, 12h or 7d, at most 30 days')
    .describe('How long the token counts: like `90s`, `15m`, `12h` or `7d`, at most 30 days'),
});
export const ratingBody = z.object({ order_id: z.string().min(1).max(64), stars: z.int().min(1).max(5) });
export const settlementBody = z.object({ amount_minor: money.min(1) });

export function driverOf(body: z.output<typeof driverBody>): DriverInput {
  const { name, phone, vehicle, documents } = body;
  return {
    name,
    phone,
    vehicle: { type: vehicle.type, registration: vehicle.registration ?? null, coldStorage: vehicle.cold_storage ?? false },
    documents: Object.fromEntries(
      DOCUMENT_KINDS.flatMap((kind) => (documents?.[kind] == null ? [] : [[kind, documentOf(documents[kind])]])),
    ),
  };
}

/** Only what the body names, so that the actor keeps the rest of vehicle and documents. */
export function patchOf({ name, phone, vehicle, documents }: z.output<typeof driverPatch>): DriverPatch {
  return {
    ...(name === undefined ? {} : { name }),
    ...(phone === undefined ? {} : { phone }),
    ...(vehicle === undefined ? {} : { vehicle: vehiclePatchOf(vehicle) }),
    ...(documents === undefined ? {} : { documents: documentsOf(documents) }),
  };
}

function vehiclePatchOf({ type, registration, cold_storage: coldStorage }: NonNullable<z.output<typeof driverPatch>['vehicle']>) {
  return {
    ...(type === undefined ? {} : { type }),
    ...(registration === undefined ? {} : { registration }),
    ...(coldStorage === undefined ? {} : { coldStorage }),
  };
}

type NamedDocuments = Partial<Record<DocumentKind, DocumentBody | null | undefined>>;

function documentsOf(body: NamedDocuments): NonNullable<DriverPatch['documents']> {
  const documents: Partial<Record<DocumentKind, DriverDocument | null>> = {};
  for (const kind of DOCUMENT_KINDS) {
    const named = body[kind];
    if (named !== undefined) documents[kind] = named === null ? null : documentOf(named);
  }
  return documents;
}

function documentOf({ number = null, expires_on: expiresOn = null }: DocumentBody): DriverDocument {
  return { number, expiresOn };
}

const stop = z.object({ location: position, name: z.string().nullable(), address: z.string().nullable(), note: z.string().nullable() });
const jobShape = {
  offer_id: z.string(),
  order_id: z.string(),
  code: z.string(),
  pickup: stop,
  dropoff: stop,
  distance_m: z.number(),
  fee_minor: money.describe('Before the share of the platform'),
  net_minor: money.describe('What the driver earns with it'),
  currency: z.string(),
  cash_minor: money.describe('To be taken at the door'),
  promised_at: isoTime.nullable(),
};
const presentedDocument = z.object({ number: z.string().nullable(), expires_on: z.iso.date().nullable() });

const driverShape = {
  id: z.string(),
  name: z.string().nullable(),
  phone: z.string().nullable(),
  vehicle: z.object({ type: z.enum(VEHICLE_TYPES), registration: z.string().nullable(), cold_storage: z.boolean() }),
  documents: z.partialRecord(z.enum(DOCUMENT_KINDS), presentedDocument),
  documents_expiring: z.array(z.object({ kind: z.enum(DOCUMENT_KINDS), expires_on: z.iso.date(), expired: z.boolean() })),
  status: z.enum(DRIVER_STATUSES),
  online: z.boolean(),
  online_since: isoTime.nullable(),
  profile: z.object({
    rating: z.number(),
    completion: z.number(),
    acceptance: z.number(),
    completed_jobs: z.int(),
    free_slots: z.int(),
  }),
  earnings: z.object({
    currency: z.string().nullable(),
    today_minor: z.int(),
    total_minor: z.int(),
    platform_fee_minor: z.int(),
    deliveries: z.int(),
    cash_on_hand_minor: z.int(),
  }),
  version: z.int(),
  created_at: isoTime,
};
export const listedDriver = z.object({ ...driverShape, unreadable }).meta({ id: 'ListedDriver' });
export const driver = z
  .object({
    ...driverShape,
    offer: z
      .object({ ...jobShape, exclusive: z.boolean(), pickup_distance_m: z.number(), pickup_eta_s: z.number(), expires_at: isoTime })
      .nullable(),
    jobs: z.array(z.object({ ...jobShape, phase: z.string(), started_at: isoTime })),
    stops: z.array(z.object({ order_id: z.string(), kind: z.enum(['pickup', 'dropoff']) })),
  })
  .meta({ id: 'Driver' });
export const driverToken = z
  .object({ token: z.string(), expires_at: isoTime, device_key: z.string(), drive_url: z.string() })
  .meta({ id: 'DriverToken' });
export const trackFix = z.object({
  at: isoTime,
  lat: z.number(),
  lng: z.number(),
  accuracy_m: z.number().nullable(),
  speed_mps: z.number().nullable(),
  heading_deg: z.number().nullable(),
});
const refusals = z.partialRecord(z.enum(DECLINE_REASONS), z.int());
export const fairness = z
  .object({
    at: isoTime,
    drivers: z.int().describe('Online now'),
    gini_of_earnings_per_hour: z.number(),
    mean_earned_per_hour_minor: z.number(),
    lowest_fifth_share: z.number(),
    refusals: refusals.describe('Offers that these drivers refused, ever, by the reason that they gave; without one they are not counted'),
    items: z.array(
      z.object({
        driver_id: z.string(),
        online_s: z.int(),
        earned_today_minor: z.int(),
        earned_per_hour_minor: z.number().nullable(),
        refusals,
      }),
    ),
    truncated: z.boolean().describe('More drivers are online than one report reads'),
  })
  .meta({ id: 'FairnessReport' });
