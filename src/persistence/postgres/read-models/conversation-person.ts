/**
 * Who a customer is and what is in the cart, read from the journal events that a conversation's row points to. Rows that were not
 * written since migration 012 have it sealed in themselves. Must never know how a conversation decides.
 */
import type { ConversationView } from '../../../actors/conversation/protocol.ts';
import { journalAad } from '../batch/encoded-row.ts';
import { rowAad } from '../batch/read-model-statements.ts';
import type { PersonalCodec } from '../seal/personal-codec.ts';

export type Contact = Pick<ConversationView, 'waId' | 'userId' | 'name'>;
type Cart = ConversationView['cart'];

interface PointedEvent {
  readonly set?: { readonly contact?: Contact; readonly cart?: { readonly lines: Cart } };
}

/** Columns of CONTACT_EVENT and of the conversation itself. */
export interface ContactRow {
  readonly customer_id: string;
  readonly contact_subject: string | null;
  readonly contact_seq: string | null;
  readonly contact_event: Buffer | null;
  /** Of a row from before the migration. */
  readonly contact_and_cart: Buffer | null;
}

export interface CartRow extends ContactRow {
  readonly cart_seq: string | null;
  readonly cart_event: Buffer | null;
}

export const NOBODY: Contact = { waId: null, userId: null, name: null };

/** SQL: columns of a conversation `c`. */
export const CONTACT_COLUMNS = 'c.subject_id as contact_subject, c.contact_seq, c.personal as contact_and_cart';

/** SQL: the sealed part of the journal event to which `pointer` points, as a column. @param kindCode parameter with the storage code of conversations. */
export function pointedEvent(kindCode: string, pointer: 'contact_seq' | 'cart_seq'): string {
  return `(select personal from app.journal where tenant_id = c.tenant_id and entity_type = ${kindCode}
      and entity_id = c.customer_id and seq = c.${pointer} limit 1)`;
}

/** @returns nobody when it is not known, or when the person's key is destroyed. The key must be at hand. */
export function contactOf(personal: Pick<PersonalCodec, 'open'>, tenantId: number, row: ContactRow): Contact {
  if (row.contact_seq === null) return inRow(personal, tenantId, row) ?? NOBODY;
  return opened(personal, tenantId, row, row.contact_event, row.contact_seq)?.set?.contact ?? NOBODY;
}

/** @returns an empty one when it is not known, or when the person's key is destroyed. The key must be at hand. */
export function cartOf(personal: Pick<PersonalCodec, 'open'>, tenantId: number, row: CartRow): Cart {
  if (row.cart_seq === null) return inRow(personal, tenantId, row)?.cart ?? [];
  return opened(personal, tenantId, row, row.cart_event, row.cart_seq)?.set?.cart?.lines ?? [];
}

function opened(
  personal: Pick<PersonalCodec, 'open'>,
  tenantId: number,
  row: ContactRow,
  event: Buffer | null,
  seq: string,
): PointedEvent | undefined {
  if (event === null || row.contact_subject === null) return undefined;
  const place = journalAad(tenantId, 'conversation', row.customer_id, Number(seq));
  return personal.open(tenantId, row.contact_subject, event, place) as PointedEvent | undefined;
}

function inRow(personal: Pick<PersonalCodec, 'open'>, tenantId: number, row: ContactRow): (Contact & { readonly cart: Cart }) | undefined {
  if (row.contact_and_cart === null || row.contact_subject === null) return undefined;
  const place = rowAad('conversation.upsert', tenantId, row.customer_id);
  return personal.open(tenantId, row.contact_subject, row.contact_and_cart, place) as (Contact & { readonly cart: Cart }) | undefined;
}
