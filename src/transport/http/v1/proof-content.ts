/** What may prove a delivery: words, a picture, a drawn signature, each brought into the one form that is kept. It must never know an order. */
import { z } from 'zod';
import type { ProofKind } from '../../../actors/order/protocol.ts';
import { type HttpRequest, jsonBody } from '../message.ts';
import { PICTURE_TYPES, type PictureType, withoutMetadata } from '../picture.ts';
import { Problem, problemOfIssues } from '../problem.ts';
import { text } from './schemas.ts';

const NOTE_CHARS_MAX = 500;
/** Of a picture, and so of any body of this route. */
export const PROOF_BYTES_MAX = 2 * 1024 * 1024;
/**
 * Half of what a phone at the edge of the network sends: the biggest picture has 95 s, one that hardly moves has ten. Above 20 KiB/s,
 * because uWebSockets itself drops, without a word, whoever sends less than 160 KiB in eight to twelve seconds.
 */
export const PROOF_MIN_BYTES_PER_S = 24 * 1024;
/** Of words and strokes; a picture is not read as text. */
const JSON_BYTES_MAX = 128 * 1024;
const STROKES_MAX = 64;
const STROKE_POINTS_MAX = 1_000;
/** Of all strokes together: a long name drawn slowly. */
const POINTS_MAX = 4_000;
/** The pad that strokes are drawn on, in its own units. */
const PAD = { width: 1_000, height: 500 } as const;
const NOTE_TYPE = 'text/plain';
const DRAWN_TYPE = 'image/svg+xml';

const point = z.tuple([z.int().min(0).max(PAD.width), z.int().min(0).max(PAD.height)]);
const strokes = z
  .array(z.array(point).min(1).max(STROKE_POINTS_MAX))
  .min(1)
  .max(STROKES_MAX)
  .refine((all) => all.reduce((sum, stroke) => sum + stroke.length, 0) <= POINTS_MAX, `at most ${POINTS_MAX} points in all`);

/** A body of JSON; pictures come as they are. Strokes are points `[x, y]` on a pad of 1000 x 500. */
export const proofBody = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('note'), text: text(NOTE_CHARS_MAX) }),
  z.strictObject({ kind: z.literal('signature'), strokes }),
]);
/** Of a picture: what it shows. */
export const pictureQuery = z.object({ kind: z.enum(['photo', 'signature']).default('photo') });

export interface ProofContent {
  readonly kind: ProofKind;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** @throws Problem `request.invalid`, `request.too_large`, `request.unsupported_media_type`, `proof.bad_image` */
export function proofContentOf(request: HttpRequest, kind: 'photo' | 'signature'): ProofContent {
  const type = pictureTypeOf(request);
  if (type === null) return writtenOrDrawn(request);
  // A signature is lines on paper: the formats that blur lines are for photographs.
  if (kind === 'signature' && type !== 'image/png') throw new Problem('request.unsupported_media_type');
  const bytes = withoutMetadata(type, request.body);
  if (bytes === null) throw new Problem('proof.bad_image');
  return { kind, mediaType: type, bytes };
}

/** How a piece is shown to whoever may see it. */
export function extensionOf(mediaType: string): string {
  return { [NOTE_TYPE]: 'txt', [DRAWN_TYPE]: 'svg', 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp' }[mediaType] ?? 'bin';
}

/** Of a reply; words say their encoding. */
export function contentTypeOf(mediaType: string): string {
  return mediaType === NOTE_TYPE ? `${NOTE_TYPE}; charset=utf-8` : mediaType;
}

function pictureTypeOf(request: HttpRequest): PictureType | null {
  const given = request.header('content-type').split(';')[0]?.trim().toLowerCase();
  return PICTURE_TYPES.find((type) => type === given) ?? null;
}

function writtenOrDrawn(request: HttpRequest): ProofContent {
  if (request.body.length > JSON_BYTES_MAX) throw new Problem('request.too_large', { details: { limit_bytes: JSON_BYTES_MAX } });
  const parsed = proofBody.safeParse(jsonBody(request));
  if (!parsed.success) throw problemOfIssues(parsed.error);
  const { data } = parsed;
  if (data.kind === 'note') return { kind: 'note', mediaType: NOTE_TYPE, bytes: Buffer.from(data.text) };
  return { kind: 'signature', mediaType: DRAWN_TYPE, bytes: Buffer.from(svgOf(data.strokes)) };
}

/** Nothing but whole numbers of the client gets into the picture. A stroke of one point is a dot. */
function svgOf(all: z.output<typeof strokes>): string {
  const lines = all.map((stroke) => `M${stroke.map(([x, y]) => `${x} ${y}`).join('L')}${stroke.length === 1 ? 'h0' : ''}`);
  const path = `<path d="${lines.join('')}" fill="none" stroke="#000" stroke-width="6" stroke-linecap="round" stroke-linejoin="round"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${PAD.width} ${PAD.height}">${path}</svg>`;
}
