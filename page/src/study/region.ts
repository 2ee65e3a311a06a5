/** What hangs together with a voxel in 3D, within `radius_mm` of it and within `tolerance` of its value. */
import type { NVImage } from "@niivue/niivue";
import type { Point } from "./viewer";

/** Where the voxels lie in the image. */
export function region(
  volume: NVImage,
  size: [number, number, number],
  start: Point,
  tolerance: number,
  radius_mm: number,
): number[] {
  const [columns, rows, slices] = size;
  const spacing = volume.pixDimsRAS!.slice(1, 4) as Point;
  const image = volume.img as Int16Array;
  const at = (i: number, j: number, k: number) => i + columns * (j + rows * k);
  const slope = volume.hdr!.scl_slope || 1;
  const wanted = image[at(...start)]!;
  const found: number[] = [];
  const seen = new Set<number>([at(...start)]);
  const open: Point[] = [start];
  while (open.length > 0) {
    const [i, j, k] = open.pop()!;
    found.push(at(i, j, k));
    for (const [a, b, c] of STEPS) {
      const next: Point = [i + a, j + b, k + c];
      if (next[0] < 0 || next[1] < 0 || next[2] < 0) continue;
      if (next[0] >= columns || next[1] >= rows || next[2] >= slices) continue;
      const place = at(...next);
      if (seen.has(place)) continue;
      seen.add(place);
      const away = Math.hypot(...next.map((n, axis) => (n - start[axis]!) * spacing[axis]!));
      if (away <= radius_mm && Math.abs(image[place]! - wanted) * slope <= tolerance) open.push(next);
    }
  }
  return found;
}

const STEPS: Point[] = [
  [1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1],
];
