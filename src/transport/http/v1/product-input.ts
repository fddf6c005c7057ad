/** From a product on the wire to the tenant's input. It must never know a request. */
import type { z } from 'zod';
import type { ProductInput } from '../../../actors/tenant/protocol.ts';
import { digest } from '../idempotency.ts';
import type { productBody } from './schemas.ts';

/** The same seed gives the same id. */
export function newProductId(seed: string): string {
  return `prd_${digest(seed)
    .replace(/[^A-Za-z0-9]/g, '0')
    .slice(0, 24)}`;
}

export function inputOf(body: z.output<typeof productBody>): ProductInput {
  return {
    name: body.name,
    priceMinor: body.price_minor,
    category: body.category,
    description: body.description ?? null,
    aliases: body.aliases ?? [],
    stock: body.stock ?? null,
    options: body.options ?? [],
    imageUrl: body.image_url ?? null,
  };
}
