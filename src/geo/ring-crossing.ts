/** Whether closed rings cross or touch, by testing every pair of edges. Quadratic: callers bound the vertices. Pure. */

interface Vertices {
  readonly lats: readonly number[];
  readonly lngs: readonly number[];
}

/** True when two edges that are not neighbours share a point, or neighbours run back over each other. */
export function ringTouchesItself(ring: Vertices): boolean {
  const count = ring.lats.length;
  for (let i = 0; i < count; i++) {
    if (foldsBack(ring, i)) return true;
    for (let j = i + 2; j < count; j++) {
      const neighbours = i === 0 && j === count - 1;
      if (!neighbours && edgesMeet(ring, i, ring, j)) return true;
    }
  }
  return false;
}

/** True when the rings share a point of their edges. */
export function ringsMeet(a: Vertices, b: Vertices): boolean {
  for (let i = 0; i < a.lats.length; i++) {
    for (let j = 0; j < b.lats.length; j++) if (edgesMeet(a, i, b, j)) return true;
  }
  return false;
}

/** The edges before and after vertex `i + 1` lie on one line and point against each other. */
function foldsBack(ring: Vertices, i: number): boolean {
  const at = (k: number): [number, number] => {
    const index = k % ring.lats.length;
    return [ring.lngs[index] as number, ring.lats[index] as number];
  };
  const [[ax, ay], [bx, by], [cx, cy]] = [at(i), at(i + 1), at(i + 2)];
  return side(ax, ay, bx, by, cx, cy) === 0 && (bx - ax) * (cx - bx) + (by - ay) * (cy - by) < 0;
}

/** Edge `i` runs from vertex i to the next. */
function edgesMeet(a: Vertices, i: number, b: Vertices, j: number): boolean {
  const nextI = (i + 1) % a.lats.length;
  const nextJ = (j + 1) % b.lats.length;
  const [ax, ay, bx, by] = [a.lngs[i], a.lats[i], a.lngs[nextI], a.lats[nextI]] as [number, number, number, number];
  const [cx, cy, dx, dy] = [b.lngs[j], b.lats[j], b.lngs[nextJ], b.lats[nextJ]] as [number, number, number, number];
  const boxesApart =
    Math.max(ax, bx) < Math.min(cx, dx) ||
    Math.max(cx, dx) < Math.min(ax, bx) ||
    Math.max(ay, by) < Math.min(cy, dy) ||
    Math.max(cy, dy) < Math.min(ay, by);
  if (boxesApart) return false;
  return (
    side(ax, ay, bx, by, cx, cy) * side(ax, ay, bx, by, dx, dy) <= 0 && side(cx, cy, dx, dy, ax, ay) * side(cx, cy, dx, dy, bx, by) <= 0
  );
}

/** -1, 0 or 1: on which side of the line a-b the point c is. */
function side(ax: number, ay: number, bx: number, by: number, cx: number, cy: number): number {
  return Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));
}
