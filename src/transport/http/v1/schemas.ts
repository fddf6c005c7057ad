/** Shapes that several routes share, as zod schemas of the wire (snake_case). It must never know a handler. */
import { z } from 'zod';
import { ORDER_STATUSES } from '../../../actors/order/protocol.ts';
import { LANGUAGES } from '../../../actors/tenant/protocol.ts';

const MAX_PAGE = 500;
const DEFAULT_PAGE = 50;
/** Above the longest that a list makes: a product's name, each character escaped in JSON, in base64. */
const MAX_CURSOR = 2048;
const MAX_MONEY_MINOR = 1_000_000_000_000;

export const language = z.enum(LANGUAGES);
export const position = z.object({ lat: z.number().min(-90).max(90), lng: z.number().min(-180).max(180) });
/** Integer minor units of the tenant's currency. */
export const money = z.int().min(0).max(MAX_MONEY_MINOR);
/** What the server adds up or multiplies: more than any one amount that it is told. */
const sum = z.int().min(0);
/** Half a character: UTF-8 cannot hold it, so it would come back as another one. */
const LONE_SURROGATE = /\p{Surrogate}/u;
const LONE_SURROGATE_TEXT = 'must be well-formed Unicode';

/** Of any JSON: also of names and of what is nested. Bodies are not nested deeper than `JSON_DEPTH_MAX`. */
function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return !LONE_SURROGATE.test(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, part]) => isWellFormed(name) && isWellFormed(part));
}

/** Postgres cannot hold NUL, and nobody's name needs it. */
export function text(max: number, min = 1) {
  return z
    .string()
    .trim()
    .min(min)
    .max(max)
    .refine((value) => !value.includes('\u0000'), 'must not contain NUL')
    .refine(isWellFormed, LONE_SURROGATE_TEXT);
}
/** A phone number as WhatsApp writes it; a plus in front is tolerated and dropped. */
export const waId = z
  .string()
  .regex(/^\+?[1-9]\d{6,14}$/, 'must be a phone number in digits, country code first')
  .transform((value) => value.replace(/^\+/, ''));
/** As webhooks give it; Meta sends nothing to anything else. */
export const userId = z
  .string()
  .regex(/^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/, "must be WhatsApp's user id: country, dot, letters and digits");
/** Business-scoped user id, read more widely than webhooks give them: whom an earlier build took in can be asked for. */
const USER_ID = /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9._-]{1,128}$/;
/** Whoever wrote can be read: a sender may be a short number, which none that is given to us may be. */
const SENDER_NUMBER = /^[+ ]?\d{1,15}$/;

type PersonKey = { readonly waId: string } | { readonly userId: string };

/** By what a person is asked for: a phone number, also with a plus or with what it became in a query, or a user id. */
export const personKey = z
  .string()
  .refine((value) => SENDER_NUMBER.test(value) || USER_ID.test(value), 'must be a phone number in digits, country code first, or a user id')
  .transform((value): PersonKey => (SENDER_NUMBER.test(value) ? { waId: value.replace(/^[+ ]/, '') } : { userId: value }))
  .meta({
    description: 'A phone number in digits, country code first, or a user id',
    anyOf: [{ pattern: SENDER_NUMBER.source }, { pattern: USER_ID.source }],
  });

export const page = {
  limit: z
    .string()
    .refine((value) => /^\d{1,9}$/.test(value), 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(1).max(MAX_PAGE))
    .default(DEFAULT_PAGE)
    .meta({ type: 'integer', minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE }),
  cursor: z.string().min(1).max(MAX_CURSOR).optional().describe('`next_cursor` of the page before, under the same filters'),
};

/** RFC 3339 or a date, in unix milliseconds. */
export const instant = z
  .string()
  // A plus that was not percent-encoded arrives as a blank; RFC 3339 lets `t` and `z` be small.
  .transform((value) => value.toUpperCase().replace(/ (\d{2}:\d{2})$/, '+$1'))
  .pipe(z.union([z.iso.datetime({ offset: true }), z.iso.date()], 'must be an RFC 3339 time'))
  .transform((value) => Date.parse(value))
  .meta({ anyOf: [{ format: 'date-time' }, { format: 'date' }], description: 'RFC 3339 with an offset, or a date: its beginning in UTC' });

export const isoTime = z.iso.datetime();

export function listOf(item: z.ZodType) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

/** As JSON text, all options of a product together: every node of the shop keeps its whole catalogue in memory. */
const OPTIONS_CHARS_MAX = 16_384;

/** Options of a product: free-form objects, bounded in number and size. */
export const productBody = z.object({
  name: text(120),
  price_minor: money,
  category: text(60),
  description: text(1000, 0).nullish(),
  aliases: z.array(text(60)).max(50).optional(),
  stock: z.int().min(0).max(1_000_000).nullish().describe('Units that nobody has reserved; null is not counted and never runs out'),
  options: z
    .array(z.record(z.string().max(60), z.unknown()))
    .max(50)
    .refine((options) => JSON.stringify(options).length <= OPTIONS_CHARS_MAX, `must be at most ${OPTIONS_CHARS_MAX} characters as JSON`)
    .refine(isWellFormed, LONE_SURROGATE_TEXT)
    .optional(),
  image_url: z
    .string()
    .max(2048)
    // Parsers of URLs mend both in silence, and the picture would have another address: looked for before one sees it.
    .refine((value) => !/[\p{Cc}\p{Surrogate}]/u.test(value), 'must have no control characters and be well-formed Unicode')
    .meta({ format: 'uri' })
    .pipe(z.url({ protocol: /^https?$/ }))
    .nullish(),
});
export const productPatch = productBody.extend({ available: z.boolean() }).partial().strict();
export const product = z
  .object({
    id: z.string(),
    name: z.string(),
    price_minor: money,
    category: z.string(),
    description: z.string().nullable(),
    aliases: z.array(z.string()),
    stock: z.int().nullable().describe('Units that nobody has reserved; null is not counted and never runs out'),
    options: z.array(z.unknown()),
    image_url: z.string().nullable(),
    available: z.boolean(),
  })
  .meta({ id: 'Product' });

export const lines = z
  .array(z.object({ product_id: z.string().min(1).max(64), quantity: z.int().min(1).max(1000) }))
  .min(1)
  .max(50);
const pricedLine = z.object({
  product_id: z.string(),
  name: z.string(),
  quantity: z.int(),
  unit_price_minor: money,
  total_minor: sum,
});
const quoteShape = {
  items: z.array(pricedLine),
  subtotal_minor: sum,
  delivery_fee_minor: sum,
  total_minor: sum,
  currency: z.string(),
  distance_m: z.number().nullable().describe('From the shop, estimated; null without a position'),
  eta_s: z.number().nullable().describe('What is promised from the order to the door'),
};
export const quote = z.object(quoteShape).meta({ id: 'Quote' });

/** A list is sealed for customers alone. */
const NOT_IN_LISTS = 'Told of one order, null in lists';
/** Where an order goes, and how far its delivery is. */
const deliveryShape = {
  location: position.nullable(),
  address: z.string().nullable(),
  note: z.string().nullable(),
  phase: z
    .string()
    .nullable()
    .describe('`seeking`, `assigned`, `at_pickup`, `picked_up`, `at_dropoff`, `delivered` or `ended`; null before a driver is looked for'),
  driver: z
    .object({
      id: z.string(),
      name: z.string().nullable().describe(NOT_IN_LISTS),
      vehicle: z.string(),
      registration: z.string().nullable().describe(NOT_IN_LISTS),
    })
    .nullable(),
  problem: z.string().nullable().describe('Why nobody has taken it yet, as a code'),
  alerts: z
    .array(z.object({ alert: z.enum(['off_route', 'stopped', 'silent']), stop: z.enum(['pickup', 'dropoff']), at: isoTime }))
    .describe('A driver who left the planned way, stood still for long or was not heard of on the way; the last ten, oldest first'),
  fee_minor: money.nullable().describe('What the ride pays, the share of the platform included; null before a driver is looked for'),
  otp_verified: z.boolean().describe('The driver gave the code of the customer at the door'),
  seeking_since: isoTime.nullable(),
  assigned_at: isoTime.nullable(),
  arrived_pickup_at: isoTime.nullable(),
  picked_up_at: isoTime.nullable(),
  arrived_dropoff_at: isoTime.nullable(),
  delivered_at: isoTime.nullable(),
};

/** Of a row of a list. */
export const unreadable = z
  .literal(true)
  .optional()
  .describe('What is null here is stored but does not open, as under another `WAKALA_MASTER_KEY`; absent otherwise');

export const order = z
  .object({
    id: z.string(),
    code: z.string().describe('Three characters by which people call the order; two orders may share one'),
    status: z.enum(ORDER_STATUSES),
    customer_id: z.string(),
    customer: z.object({ wa_id: z.string().nullable(), user_id: z.string().nullable(), name: z.string().nullable() }),
    ...quoteShape,
    delivery: z.object(deliveryShape),
    payment_method: z.string(),
    source: z.enum(['whatsapp', 'api']),
    version: z.int().describe('Rises with every change'),
    created_at: isoTime,
    updated_at: isoTime,
    unreadable,
  })
  .meta({ id: 'Order' });
export const historyEntry = z
  .object({
    status: z.enum(ORDER_STATUSES),
    at: isoTime,
    by: z.string().describe('`customer`, `vendor`, `driver`, `platform` or `system`'),
    by_id: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'HistoryEntry' });

export const conversation = z
  .object({
    wa_id: z.string().nullable(),
    user_id: z.string().nullable(),
    name: z.string().nullable(),
    state: z.string(),
    step: z.string().nullable(),
    language: z.string(),
    cart: z.array(z.object({ product_id: z.string(), name: z.string(), quantity: z.int(), price_minor: money })),
    open_order_id: z.string().nullable(),
    last_inbound_at: isoTime.nullable(),
    unreadable,
    unreachable: z
      .boolean()
      .optional()
      .describe(
        'WhatsApp could not bring the last two messages, and nothing has come from the phone since. Told of one conversation, not in lists',
      ),
  })
  .meta({ id: 'Conversation' });

export const message = z
  .object({
    id: z.string(),
    whatsapp_id: z.string().nullable().describe('Id of WhatsApp; null while nothing is known of one'),
    direction: z.enum(['in', 'out']),
    wa_id: z.string().nullable(),
    user_id: z.string().optional().describe('Of a customer whose number is not known'),
    kind: z.string(),
    text: z.string().nullable(),
    status: z.string(),
    at: isoTime,
    unreadable,
    original_whatsapp_id: z
      .string()
      .optional()
      .describe('Of kind `edit` or `revoke`: the `whatsapp_id` of the message that the customer changed or took back'),
  })
  .meta({ id: 'Message' });
