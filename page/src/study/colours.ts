/** Thrombi by number, in colours that differ from one another and from the veins'. */
export const COLOURS: [number, number, number][] = [
  [255, 92, 82],
  [255, 176, 59],
  [240, 120, 200],
  [190, 220, 70],
  [255, 130, 100],
  [200, 140, 255],
];

export function colourOf(number: number): [number, number, number] {
  return COLOURS[(number - 1) % COLOURS.length]!;
}
