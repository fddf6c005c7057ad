/** What the sandbox page may ask, validated. It must never know the tenant or the actors. */
import { z } from 'zod';
import type { PhoneAction } from './webhook.ts';

const MAX_TEXT = 4096;
const MAX_TITLE = 256;
const MAX_NAME = 100;
const MAX_RECEIPTS = 50;

const waIdSchema = z.string().regex(/^[1-9]\d{6,14}$/, 'a phone number in digits, country code first, no plus');
const tenantIdSchema = z.uuid().optional();

export const messageSchema = z
  .object({
    wa_id: waIdSchema,
    text: z.string().min(1).max(MAX_TEXT).optional(),
    reply_id: z.string().min(1).max(MAX_TITLE).optional(),
    /** What stands on the tapped button; the id when absent. */
    title: z.string().min(1).max(MAX_TITLE).optional(),
    /** True when the tap was on a row of a list. */
    list: z.boolean().optional(),
    location: z
      .object({
        lat: z.number().min(-90).max(90),
        lng: z.number().min(-180).max(180),
        name: z.string().max(MAX_NAME).optional(),
        address: z.string().max(MAX_NAME).optional(),
      })
      .optional(),
    name: z.string().min(1).max(MAX_NAME).optional(),
    /** The sender's own for this message: sent again under it, after an answer that got lost, it is taken once. */
    id: z
      .string()
      .regex(/^[\w-]{8,64}$/, '8 to 64 letters, digits, underscores and hyphens')
      .optional(),
    tenant_id: tenantIdSchema,
  })
  .refine((body) => [body.text, body.reply_id, body.location].filter((part) => part !== undefined).length === 1, {
    message: 'exactly one of text, reply_id and location',
    path: ['text'],
  });

export const receiptSchema = z.object({
  wa_id: waIdSchema,
  whatsapp_ids: z.array(z.string().min(1).max(MAX_TITLE)).min(1).max(MAX_RECEIPTS),
  status: z.enum(['delivered', 'read']),
  tenant_id: tenantIdSchema,
});

export const chatQuerySchema = z.object({ wa_id: waIdSchema, tenant_id: tenantIdSchema });
export const infoQuerySchema = z.object({ tenant_id: tenantIdSchema });

/** Verb of the page -> transition of the order. */
export const ORDER_VERBS = ['accept', 'prepare', 'ready', 'deliver', 'reject', 'cancel'] as const;
export const transitionSchema = z.object({ reason: z.string().max(MAX_TITLE).optional(), tenant_id: tenantIdSchema });

/** The schema has made sure that exactly one part is there. */
export function phoneAction(body: z.infer<typeof messageSchema>): PhoneAction {
  if (body.text !== undefined) return { kind: 'text', text: body.text };
  if (body.reply_id !== undefined) {
    return { kind: 'reply', id: body.reply_id, title: body.title ?? body.reply_id, fromList: body.list ?? false };
  }
  const { lat, lng, name, address } = body.location as NonNullable<typeof body.location>;
  return { kind: 'location', lat, lng, name: name ?? null, address: address ?? null };
}
