/**
 * The vein of a finding pulled straight, the end towards the heart on top: across the body on the left, through
 * it on the right. A click goes to the place.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { getBytes, type View } from "../api";
import { colourOf } from "./colours";
import type { Point } from "./viewer";

const GAP = 4;
const OPAQUE = 0.45;
/** Farther from the vein the crosshair is not shown beside it. */
const NEAR_MM = 15;

export function Straight(props: {
  id: number;
  view: View;
  number: number;
  window: [number, number];
  place: Point | null;
  onGo: (point: Point) => void;
}) {
  const { view, number, place } = props;
  const about = view.straight[String(number)]!;
  const [planes, rows, columns] = about.shape;
  const wide = planes * columns + (planes - 1) * GAP;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [bytes, setBytes] = useState<ArrayBuffer | null>(null);
  useEffect(() => {
    let gone = false;
    setBytes(null);
    getBytes(`/api/studies/${props.id}/findings/${number}/straight`)
      .then((found) => !gone && setBytes(found))
      .catch(() => undefined); // the rest of the page does without it
    return () => {
      gone = true;
    };
  }, [props.id, number]);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || bytes === null) return;
    const count = planes * rows * columns;
    const values = new Int16Array(bytes, 0, count);
    const labels = new Uint8Array(bytes, 2 * count, count);
    const picture = context.createImageData(wide, rows);
    const [low, high] = props.window;
    for (let plane = 0; plane < planes; plane++)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          const from = (plane * rows + row) * columns + column;
          const to = 4 * (row * wide + plane * (columns + GAP) + column);
          const value = values[from]! * view.slope + view.intercept;
          const grey = Math.min(255, Math.max(0, (255 * (value - low)) / (high - low)));
          const label = labels[from]!;
          const colour = label > 0 ? colourOf(label) : null;
          for (const channel of [0, 1, 2] as const)
            picture.data[to + channel] =
              colour === null ? grey : (1 - OPAQUE) * grey + OPAQUE * colour[channel];
          picture.data[to + 3] = 255;
        }
    context.putImageData(picture, 0, 0);
  }, [bytes, ...props.window]);
  const here = nearest(about.points_mm, place);
  return (
    <figure class="straight">
      <figcaption>
        <span>vein of finding {number}, straightened</span>
        <span>{Math.round(rows * about.row_mm)} mm</span>
      </figcaption>
      <div class="strip-box" style={{ aspectRatio: `${wide * about.pixel_mm} / ${rows * about.row_mm}` }}>
        <canvas
          ref={canvas}
          width={wide}
          height={rows}
          role="img"
          aria-label={`The vein of finding ${number} pulled straight, towards the heart on top`}
          onClick={(event: MouseEvent) => {
            const box = canvas.current!.getBoundingClientRect();
            const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
            props.onGo(about.points_mm[Math.min(rows - 1, Math.max(0, row))]!);
          }}
        />
        {here !== null && <span class="here" style={{ top: `${(100 * (here + 0.5)) / rows}%` }} />}
      </div>
    </figure>
  );
}

/** The row whose point lies nearest to a place; null if none is near. */
function nearest(points: Point[], place: Point | null): number | null {
  if (place === null) return null;
  let best = NEAR_MM;
  let found: number | null = null;
  points.forEach((point, row) => {
    const away = Math.hypot(point[0] - place[0], point[1] - place[1], point[2] - place[2]);
    if (away < best) [best, found] = [away, row];
  });
  return found;
}
