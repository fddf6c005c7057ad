/** Body of a tenant on the wire and its way into settings, secrets sealed. It must never keep a secret in the clear. */
import { z } from 'zod';
import { cashMaxMinor } from '../../../actors/order/tariff.ts';
import type { PaymentsPatch, SettingsPatch, TenantSettings } from '../../../actors/tenant/protocol.ts';
import type { SecretBox } from '../../../ports.ts';
import { language, money, position, text, waId } from './schemas.ts';

const MAX_SECRET = 4096;
const MAX_KM = 1000;
/** Of a gateway whose fields we do not name. */
const MAX_FIELDS = 20;

/** Keys may have lines, like PEM; half a character or NUL would be another key when it comes out again. */
const secret = z
  .string()
  .min(1)
  .max(MAX_SECRET)
  .refine((value) => !/[\0\p{Surrogate}]/u.test(value), 'must be well-formed Unicode without NUL');
/** Goes into a header, where a line break that was pasted along would stop every message of the shop. */
const headerSecret = z
  .string()
  .trim()
  .min(1)
  .max(MAX_SECRET)
  .refine((value) => !/[\p{Cc}\p{Surrogate}]/u.test(value), 'must be well-formed Unicode without control characters');
const metaId = z.string().regex(/^\d{5,25}$/, 'must be an id of Meta: digits');

const whatsapp = z.object({ phone_number_id: metaId, waba_id: metaId, access_token: headerSecret.nullish() });
const COD_DEFAULT = { enabled: true };
const cod = z.object({
  enabled: z.boolean(),
  max_amount_minor: money.optional().describe('By default what is worth about 5,000 rand in the currency of the shop'),
});
const NOT_USED = 'Kept and not used yet: cash is the only way to pay';
const paystack = z.object({ secret_key: headerSecret }).describe(NOT_USED);
const ozow = z.object({ site_code: text(100), private_key: secret, api_key: secret }).describe(NOT_USED);
const mpesa = z
  .record(z.string().regex(/^[a-z][a-z0-9_]{0,39}$/), secret)
  .refine((fields) => Object.keys(fields).length <= MAX_FIELDS, `must have at most ${MAX_FIELDS} fields`)
  .describe(NOT_USED);
const payments = z.object({
  cod: cod.default(COD_DEFAULT),
  paystack: paystack.optional(),
  ozow: ozow.optional(),
  mpesa: mpesa.optional(),
});
/** Without the defaults: a patch that is silent about cash must not switch it on, nor move its limit. null takes a gateway away. */
const paymentsPatch = z.strictObject({
  cod: z.strictObject({ enabled: z.boolean().optional(), max_amount_minor: money.optional() }).optional(),
  paystack: paystack.nullish(),
  ozow: ozow.nullish(),
  mpesa: mpesa.nullish(),
});
const delivery = z.object({
  base_fee_minor: money,
  per_km_minor: money,
  free_km: z.number().min(0).max(MAX_KM),
  max_km: z.number().positive().max(MAX_KM),
});
/** Of the list, not of the form alone: nobody can be paid in `ZZZ`. */
const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));
const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code')
  .refine((code) => CURRENCIES.has(code), 'must be an ISO 4217 code');
const owner = z.object({ name: text(120), wa_id: waId });
const timezone = z.string().refine(isTimezone, 'must be an IANA time zone');
const languages = z
  .array(language)
  .min(1)
  .refine((list) => new Set(list).size === list.length, 'must not repeat');

export const tenantBody = z.object({
  slug: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits and dashes'),
  name: text(120),
  tier: z.enum(['basic', 'premium', 'enterprise']).default('basic'),
  currency: currency.default('ZAR'),
  timezone: timezone.default('Africa/Johannesburg'),
  languages: languages.default(['en']),
  location: position,
  whatsapp,
  payments: payments.default({ cod: COD_DEFAULT }),
  delivery,
  owner,
});

/** What an owner may change; slug, currency and phone number are for good. Parts merge: what they do not name stays. */
export const tenantPatch = z.strictObject({
  name: text(120).optional(),
  timezone: timezone.optional(),
  languages: languages.optional(),
  location: position.optional(),
  whatsapp: z.strictObject({ waba_id: metaId.optional(), access_token: headerSecret.nullable().optional() }).optional(),
  payments: paymentsPatch.optional(),
  delivery: delivery.partial().strict().optional(),
  owner: owner.partial().strict().optional(),
});
export const tenantPatchByPlatform = tenantPatch.extend({ tier: z.enum(['basic', 'premium', 'enterprise']).optional() });

export const tenantReply = z
  .object({
    id: z.uuid(),
    status: z.string(),
    shard: z.int().min(0).max(31),
    slug: z.string(),
    name: z.string(),
    tier: z.string(),
    currency: z.string(),
    timezone: z.string(),
    languages: z.array(language),
    location: position,
    whatsapp: z.object({ phone_number_id: z.string(), waba_id: z.string(), access_token: z.string().nullable() }),
    payments: z.record(z.string(), z.unknown()),
    delivery,
    owner: z.object({ name: z.string(), wa_id: z.string() }),
  })
  .meta({ id: 'Tenant' });

export type TenantBody = z.output<typeof tenantBody>;
export type TenantPatch = z.output<typeof tenantPatchByPlatform>;
type Payments = z.output<typeof paymentsPatch>;

/** What a sealed field is bound to; opening needs the same. Fields are named as on the wire: `whatsapp.access_token`, `paystack.secret_key`. */
function secretContext(tenantUuid: string, field: string): string {
  return `tenant:${tenantUuid}:${field}`;
}

export function settingsOf(body: TenantBody, uuid: string, box: SecretBox): TenantSettings {
  const accessToken = body.whatsapp.access_token ?? null;
  return {
    slug: body.slug,
    name: body.name,
    tier: body.tier,
    currency: body.currency,
    timezone: body.timezone,
    languages: body.languages,
    location: body.location,
    whatsapp: {
      phoneNumberId: body.whatsapp.phone_number_id,
      wabaId: body.whatsapp.waba_id,
      accessToken: accessToken === null ? null : box.seal(accessToken, secretContext(uuid, 'whatsapp.access_token')),
    },
    payments: paymentsOf({ ...body.payments, cod: withLimit(body) }, uuid, box) as TenantSettings['payments'],
    delivery: deliveryOf(body.delivery) as TenantSettings['delivery'],
    owner: { name: body.owner.name, waId: body.owner.wa_id },
  };
}

function withLimit({ payments: { cod: cash }, currency }: TenantBody) {
  return { enabled: cash.enabled, max_amount_minor: cash.max_amount_minor ?? cashMaxMinor(currency) };
}

/** Only what the body names; the actor keeps the rest. */
export function patchOf(patch: TenantPatch, uuid: string, box: SecretBox): SettingsPatch {
  const { name, tier, timezone: zone, languages: spoken, location } = patch;
  return {
    ...(name === undefined ? {} : { name }),
    ...(tier === undefined ? {} : { tier }),
    ...(zone === undefined ? {} : { timezone: zone }),
    ...(spoken === undefined ? {} : { languages: spoken }),
    ...(location === undefined ? {} : { location }),
    ...(patch.whatsapp === undefined ? {} : { whatsapp: whatsappPatch(patch.whatsapp, uuid, box) }),
    ...(patch.payments === undefined ? {} : { payments: paymentsOf(patch.payments, uuid, box) }),
    ...(patch.delivery === undefined ? {} : { delivery: named(deliveryOf(patch.delivery)) }),
    ...(patch.owner === undefined ? {} : { owner: named({ name: patch.owner.name, waId: patch.owner.wa_id }) }),
  };
}

function whatsappPatch(patch: NonNullable<TenantPatch['whatsapp']>, uuid: string, box: SecretBox): NonNullable<SettingsPatch['whatsapp']> {
  const token = patch.access_token;
  return {
    ...(patch.waba_id === undefined ? {} : { wabaId: patch.waba_id }),
    ...(token === undefined ? {} : { accessToken: token === null ? null : box.seal(token, secretContext(uuid, 'whatsapp.access_token')) }),
  };
}

/** A gateway that is null stays null: the actor takes it away. */
function paymentsOf(given: Payments, uuid: string, box: SecretBox): PaymentsPatch {
  const seal = (field: string, plain: string): string => box.seal(plain, secretContext(uuid, field));
  const { cod: cash, ...gateways } = given;
  const sealed = {
    paystack: gateways.paystack && { secretKey: seal('paystack.secret_key', gateways.paystack.secret_key) },
    ozow: gateways.ozow && {
      siteCode: gateways.ozow.site_code,
      privateKey: seal('ozow.private_key', gateways.ozow.private_key),
      apiKey: seal('ozow.api_key', gateways.ozow.api_key),
    },
    mpesa:
      gateways.mpesa && Object.fromEntries(Object.entries(gateways.mpesa).map(([field, plain]) => [field, seal(`mpesa.${field}`, plain)])),
  };
  return {
    ...named(sealed),
    ...(cash === undefined ? {} : { cod: named({ enabled: cash.enabled, maxAmountMinor: cash.max_amount_minor }) }),
  };
}

type DeliveryParts = Partial<{ [K in keyof z.output<typeof delivery>]: number | undefined }>;

function deliveryOf(body: DeliveryParts): { [K in keyof TenantSettings['delivery']]: number | undefined } {
  return { baseFeeMinor: body.base_fee_minor, perKmMinor: body.per_km_minor, freeKm: body.free_km, maxKm: body.max_km };
}

/** Without what the body did not name. */
function named<T extends object>(parts: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function isTimezone(value: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}
