/** Where the names of a map stand so that they can be read: pure arithmetic in pixels, y downwards; knows no element. */

/** A name with its outline, above and below its base line. */
const ASCENT_PX = 13;
const DESCENT_PX = 5;
const LINE_PX = ASCENT_PX + DESCENT_PX;
const GAP_PX = 6;
/** A pin stands on its place; a driver's disc lies around it. */
const PIN = { left: 12, right: 12, above: 31, below: 1 };
const DISC = { left: 11, right: 11, above: 11, below: 11 };
/** So many lines above and below a pin are tried: more names at one place than that lie on each other. */
const LINES_MAX = 7;

/** What a mark at `{ x, y }` covers. */
export function bodyOf({ x, y, isPin }) {
  const { left, right, above, below } = isPin ? PIN : DISC;
  return { left: x - left, right: x + right, top: y - above, bottom: y + below };
}

const overlap = (a, b) =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) * Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));

/** The boxes of a name of this width that are tried, best first: above, below, beside, and then ever further off. */
function boxesOf({ x, y, width }, canvas) {
  const at = (middleX, baseY) => {
    const half = width / 2;
    // A name near the edge moves beside its pin rather than out of the picture.
    const middle = Math.max(half, Math.min(canvas.width - half, middleX));
    return { left: middle - half, right: middle + half, top: baseY - ASCENT_PX, bottom: baseY + DESCENT_PX };
  };
  const above = y - PIN.above - DESCENT_PX;
  const below = y + PIN.below + ASCENT_PX;
  const aside = width / 2 + PIN.right + GAP_PX;
  const middle = y - PIN.above / 2 + LINE_PX / 4;
  const boxes = [at(x, above), at(x, below), at(x + aside, middle), at(x - aside, middle)];
  for (let line = 1; line < LINES_MAX; line++) boxes.push(at(x, above - line * LINE_PX), at(x, below + line * LINE_PX));
  return boxes;
}

/**
 * @param marks `{ key, x, y, isPin, width }`, of which those with a `width` above 0 have a name; earlier ones choose first
 * @param canvas `{ width, height }`
 * @param before the answer of the last drawing: a name stays on its side of the pin while there is room, so that none flickers
 * @returns a Map: key -> `{ slot, x, y }`, the middle and the base line of the name from its place. No name covers a mark or another
 * name, as long as there is room within LINES_MAX lines; then it takes the place that covers least. O(names × marks).
 */
export function placeLabels(marks, canvas, before = new Map()) {
  const taken = marks.map(bodyOf);
  const placed = new Map();
  for (const mark of marks) {
    if (mark.width === 0) continue;
    const boxes = boxesOf(mark, canvas);
    const costOf = (box) => {
      const outside = Math.max(0, -box.top) + Math.max(0, box.bottom - canvas.height);
      return taken.reduce((sum, other) => sum + overlap(box, other), outside * mark.width);
    };
    const kept = before.get(mark.key)?.slot;
    const order = [...boxes.keys()].sort((a, b) => (b === kept) - (a === kept) || a - b);
    const costs = order.map((slot) => costOf(boxes[slot]));
    const slot = order[costs.indexOf(Math.min(...costs))];
    const box = boxes[slot];
    taken.push(box);
    placed.set(mark.key, { slot, x: (box.left + box.right) / 2 - mark.x, y: box.bottom - DESCENT_PX - mark.y });
  }
  return placed;
}
