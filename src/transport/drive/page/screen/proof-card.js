/** The card that asks for proof of a delivery, with its camera, its note and its pad. Told for which order; must never know the network. */
import { byId, el } from '../dom.js';
import { area, button } from './parts.js';

const LONGEST_PX = 1280;
/** A photo is made smaller until it is no bigger: what a weak signal carries in a few seconds. */
const PHOTO_MAX_BYTES = 150_000;
const QUALITIES = [0.75, 0.6, 0.45, 0.3];
const NOTE_CHARS_MAX = 500;
/** The pad's own units, as the server has them, and how far the finger moves between two points. */
const PAD = { width: 1000, height: 500 };
const POINT_EVERY = 8;
const POINTS_MAX = 3_000;
const STROKE_POINTS_MAX = 1_000;
const STROKES_MAX = 60;

/** @param order `{ orderId, code, isRated }` or null; @param isOver the hand-over is done, so the card can be put away; @param on `{ add(order, content), failed(), dismiss(order) }` */
export function drawProofCard(order, isOver, waiting, language, say, on) {
  area('proof', [language, order, isOver, waiting.map(({ id }) => id)], () => {
    if (order === null) return waitingLine(waiting, say);
    const add = (content) => on.add(order, content);
    return [
      el(
        'section',
        { class: 'proof', 'data-order': order.orderId },
        el(
          'p',
          {},
          say('proof_title', { code: order.code ?? '' }),
          isOver
            ? el('button', { type: 'button', id: 'proof-done', 'aria-label': say('close'), onclick: () => on.dismiss(order) }, '✕')
            : null,
        ),
        el(
          'div',
          { class: 'answers' },
          button('plain', say('proof_photo'), () => takePhoto(add, on.failed), { id: 'proof-photo' }),
          button('plain', say('proof_note'), () => openNote(say, add), { id: 'proof-note' }),
          button('plain', say('proof_signature'), () => openPad(say, add), { id: 'proof-signature' }),
        ),
        isOver && !order.isRated ? starRow(say, add) : null,
      ),
      ...waitingLine(waiting, say),
    ];
  });
}

/** What the driver says of the customer; only the shop sees it. */
function starRow(say, add) {
  const star = (stars) =>
    button('plain', `${stars} ★`, () => add({ kind: 'rating', type: 'application/json', body: JSON.stringify({ stars }) }));
  return el(
    'div',
    { id: 'rating', role: 'group', 'aria-label': say('rating_title') },
    el('p', {}, say('rating_title')),
    el('div', { class: 'answers' }, ...[1, 2, 3, 4, 5].map(star)),
  );
}

function waitingLine(waiting, say) {
  return waiting.length === 0 ? [] : [el('p', { class: 'unsent', id: 'proof-waiting' }, say('proof_waiting', { n: waiting.length }))];
}

/** One input for ever: a drawing while the camera is open must not take it away. */
function takePhoto(add, failed) {
  const input = byId('photo');
  input.value = '';
  input.onchange = async () => {
    const [file] = input.files;
    if (file === undefined) return;
    try {
      add({ kind: 'photo', type: 'image/jpeg', body: await scaled(file) });
    } catch {
      failed();
    }
  };
  input.click();
}

/** Drawn anew: smaller, upright, and without the place that the camera wrote into it. */
async function scaled(file) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_PX / Math.max(bitmap.width, bitmap.height));
  const canvas = el('canvas', { width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale) });
  canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  for (const quality of QUALITIES) {
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality));
    if (blob === null) throw new Error('no picture');
    if (blob.size <= PHOTO_MAX_BYTES || quality === QUALITIES.at(-1)) return await blob.arrayBuffer();
  }
}

function openNote(say, add) {
  const dialog = byId('proof-sheet');
  const input = el('textarea', { id: 'proof-text', maxlength: NOTE_CHARS_MAX, rows: 4, required: true, 'aria-label': say('proof_note') });
  const submit = (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text === '') return;
    dialog.close();
    add(written({ kind: 'note', text }));
  };
  const form = el('form', { onsubmit: submit }, el('h2', { id: 'proof-title' }, say('proof_note')), input, endings(dialog, say));
  dialog.replaceChildren(form);
  dialog.showModal();
  input.focus();
}

function openPad(say, add) {
  const dialog = byId('proof-sheet');
  const canvas = el('canvas', { id: 'proof-pad', ...PAD, 'aria-label': say('proof_signature') });
  const strokes = [];
  recordStrokes(canvas, strokes);
  const submit = (event) => {
    event.preventDefault();
    if (strokes.length === 0) return;
    dialog.close();
    add(written({ kind: 'signature', strokes }));
  };
  dialog.replaceChildren(
    el('form', { onsubmit: submit }, el('h2', { id: 'proof-title' }, say('proof_signature')), canvas, endings(dialog, say)),
  );
  dialog.showModal();
}

/** Draws what the finger does and keeps its points, as many as the server takes. */
function recordStrokes(canvas, strokes) {
  const pen = canvas.getContext('2d');
  Object.assign(pen, { lineWidth: 6, lineCap: 'round', lineJoin: 'round' });
  const pointOf = ({ offsetX, offsetY }) => [
    Math.max(0, Math.min(PAD.width, Math.round((offsetX * PAD.width) / canvas.clientWidth))),
    Math.max(0, Math.min(PAD.height, Math.round((offsetY * PAD.height) / canvas.clientHeight))),
  ];
  let stroke = null;
  let points = 0;
  const line = (from, to) => {
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(...to);
    pen.stroke();
  };
  canvas.addEventListener('pointerdown', (event) => {
    if (strokes.length >= STROKES_MAX || points >= POINTS_MAX) return;
    canvas.setPointerCapture(event.pointerId);
    stroke = [pointOf(event)];
    strokes.push(stroke);
    points++;
    line(stroke[0], stroke[0]);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (stroke === null || points >= POINTS_MAX || stroke.length >= STROKE_POINTS_MAX) return;
    const [last, next] = [stroke.at(-1), pointOf(event)];
    if (Math.hypot(next[0] - last[0], next[1] - last[1]) < POINT_EVERY) return;
    stroke.push(next);
    points++;
    line(last, next);
  });
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => (stroke = null));
}

const written = (body) => ({ kind: body.kind, type: 'application/json', body: JSON.stringify(body) });

function endings(dialog, say) {
  return el(
    'div',
    { class: 'answers' },
    button('plain', say('cancel'), () => dialog.close()),
    el('button', { type: 'submit', class: 'big go' }, say('proof_send')),
  );
}
