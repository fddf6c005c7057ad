/** A driver's papers and plate as events keep them: what names a person apart from what the platform decides by. Pure; must never decide. */
import type { DocumentKind, DriverDocument, DriverInput, DriverPatch } from './protocol.ts';

/** Open part: kinds and last days, without numbers and plate. */
export type OpenPerson = Pick<DriverInput, 'vehicle' | 'documents'>;

/** Sealed part. The last two are absent in events from before they were sealed. */
export interface SealedPerson extends Pick<DriverInput, 'name' | 'phone'> {
  readonly registration?: string | null;
  readonly numbers?: Readonly<Partial<Record<DocumentKind, string | null>>>;
}

export function splitPerson({ name, phone, vehicle, documents }: DriverInput): {
  readonly data: OpenPerson;
  readonly personal: SealedPerson;
} {
  return {
    data: { vehicle: { ...vehicle, registration: null }, documents: mapDocuments(documents, () => null) },
    personal: { name, phone, registration: vehicle.registration, numbers: numbersOf(documents) },
  };
}

/** @param personal absent after erasure: then nobody is named */
export function joinPerson({ vehicle, documents }: OpenPerson, personal: SealedPerson | undefined): DriverInput {
  const { name = '', phone = '', registration = vehicle.registration, numbers } = personal ?? {};
  return {
    name,
    phone,
    vehicle: { ...vehicle, registration },
    documents: mapDocuments(documents, (kind, number) => numbers?.[kind] ?? number),
  };
}

/** Merged where the person is kept, so that nobody writes back what somebody else has changed meanwhile. */
export function withPatch({ name, phone, vehicle, documents }: DriverInput, patch: DriverPatch): DriverInput {
  const named: DriverPatch['documents'] = { ...documents, ...patch.documents };
  const kept = entriesOf(named).flatMap(([kind, document]) => (document === null ? [] : [[kind, document] as const]));
  return {
    name: patch.name ?? name,
    phone: patch.phone ?? phone,
    vehicle: { ...vehicle, ...patch.vehicle },
    documents: Object.fromEntries(kept),
  };
}

type Documents = DriverInput['documents'];

function numbersOf(documents: Documents): NonNullable<SealedPerson['numbers']> {
  return Object.fromEntries(entriesOf(documents).map(([kind, { number }]) => [kind, number]));
}

function mapDocuments(documents: Documents, numberOf: (kind: DocumentKind, number: string | null) => string | null): Documents {
  return Object.fromEntries(
    entriesOf(documents).map(([kind, { number, expiresOn }]) => [kind, { number: numberOf(kind, number), expiresOn }]),
  );
}

function entriesOf<D extends DriverDocument | null>(documents: Readonly<Partial<Record<DocumentKind, D>>>): (readonly [DocumentKind, D])[] {
  return Object.entries(documents) as [DocumentKind, D][];
}
