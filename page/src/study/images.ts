/** What is loaded of a study, reduced or some slices of it in full, and where one is in it. */
import { useRef, useState } from "preact/hooks";
import { getBytes, type Study } from "../api";
import { changedSlices, toBytes, unpack, type Slab } from "./draft";
import type { Keeper } from "./keeper";
import type { Place, Point, Viewer } from "./viewer";

/** Slices of full resolution that are fetched at once, on each side of the place. */
const SLAB = 24;

export type Images = ReturnType<typeof useImages>;

export function useImages(study: Study, keeper: Keeper) {
  const view = study.view!;
  const whole = view.steps.every((step) => step === 1);
  const canvas = useRef<HTMLCanvasElement>(null);
  const viewer = useRef<Viewer | null>(null);
  /** Slices that are loaded in full resolution; null while the review volume is. */
  const slab = useRef<[number, number] | null>(null);
  /** The labels that the server has. */
  const saved = useRef<Uint8Array | null>(null);
  const [ready, setReady] = useState("Loading images…");
  const [place, setPlace] = useState<Place | null>(null);
  const [full, setFull] = useState(whole);
  const [labels, setLabels] = useState<number[]>([]);

  /** Begin with the review volume; true unless the page was left meanwhile. */
  async function start(window: [number, number], gone: () => boolean): Promise<boolean> {
    // Images come while the viewer does.
    const coming = bring(null);
    const { Viewer } = await import("./viewer");
    if (gone()) return false;
    const made = new Viewer(canvas.current!, setPlace, () => void drawn());
    viewer.current = made;
    await made.attach();
    made.setWindow(...window);
    await show(await coming, null);
    return !gone();
  }

  function close(): void {
    viewer.current?.close();
    viewer.current = null;
  }

  async function bring(range: [number, number] | null): Promise<ArrayBuffer[]> {
    const base = `/api/studies/${study.id}`;
    const asked = range === null ? "" : `?first=${range[0]}&last=${range[1]}`;
    const names = ["image.nii", "marks/veins", "marks/review"];
    return await Promise.all(names.map((name) => getBytes(`${base}/${name}${asked}`)));
  }

  async function show(brought: ArrayBuffer[], range: [number, number] | null): Promise<void> {
    const [image, veins, marks] = brought;
    if (viewer.current === null) return;
    saved.current = new Uint8Array(marks!);
    slab.current = range;
    await viewer.current.open({ image: image!, veins: new Uint8Array(veins!), marks: saved.current });
    setFull(range !== null || whole);
    seen(saved.current);
    setReady("");
  }

  async function load(range: [number, number] | null): Promise<void> {
    setReady("Loading images…");
    // What is on its way to the server is not there yet, and would be missing in what comes back.
    await keeper.settled();
    await show(await bring(range), range);
  }

  function seen(marks: Uint8Array): void {
    const there = new Set<number>();
    for (const label of marks) if (label > 0) there.add(label);
    setLabels((before) => [...new Set([...before, ...there])].sort((a, b) => a - b));
  }

  /** Save what was drawn. */
  async function drawn(): Promise<void> {
    if (viewer.current === null || saved.current === null) return;
    const marks = viewer.current.marks();
    const slice = viewer.current.shape[0] * viewer.current.shape[1];
    const changed = changedSlices(saved.current, marks, slice);
    if (changed === null) return;
    const [first, last] = changed;
    const offset = slab.current?.[0] ?? 0;
    await keeper.slab(offset + first, marks.subarray(first * slice, last * slice), last - first, () => {
      saved.current = marks;
    });
  }

  /** Show labels that an earlier page could not save, and that are on their way again. */
  async function putAgain(kept: Slab): Promise<void> {
    if (!whole) {
      await load(null);
      return;
    }
    if (saved.current === null) return;
    const marks = saved.current.slice();
    marks.set(await unpack(toBytes(kept.packed)), kept.first * view.shape[1] * view.shape[2]);
    viewer.current?.put(marks);
    seen(marks);
  }

  function sliceAt(point: Point): number {
    // Slices run to the head: where the point lies along their direction from the first one.
    const step = stepOf();
    const origin = view.affine.slice(0, 3).map((row) => row[3]!) as Point;
    const length = step.reduce((sum, value) => sum + value * value, 0);
    const along = point.reduce((sum, value, axis) => sum + (value - origin[axis]!) * step[axis]!, 0) / length;
    return Math.min(view.shape[0] - 1, Math.max(0, Math.round(along)));
  }

  /** From one slice to the next, LPS millimetres. */
  function stepOf(): Point {
    return view.affine.slice(0, 3).map((row) => row[0]!) as Point;
  }

  async function fullAt(point: Point): Promise<void> {
    const slice = sliceAt(point);
    await load([Math.max(0, slice - SLAB), Math.min(view.shape[0], slice + SLAB + 1)]);
    viewer.current?.goTo(point);
  }

  /** Full resolution here, or the whole study again. */
  async function toggleFull(): Promise<void> {
    if (whole) return;
    const here = place?.point ?? null;
    if (slab.current === null && here !== null) await fullAt(here);
    else {
      await load(null);
      if (here !== null) viewer.current?.goTo(here);
    }
  }

  function goTo(point: Point): void {
    const range = slab.current;
    const slice = sliceAt(point);
    if (range !== null && (slice < range[0] || slice >= range[1])) void fullAt(point);
    else viewer.current?.goTo(point);
  }

  /** Slices towards the head; beyond those that are loaded in full the next ones are fetched. */
  function step(slices: number): void {
    const range = slab.current;
    if (range !== null && place !== null) {
      const at = sliceAt(place.point);
      const to = Math.min(view.shape[0] - 1, Math.max(0, at + slices));
      if (to < range[0] || to >= range[1]) {
        const away = stepOf();
        void fullAt(place.point.map((value, axis) => value + (to - at) * away[axis]!) as Point);
        return;
      }
    }
    viewer.current?.step(slices);
  }

  function failed(error: Error): void {
    setReady(`The images cannot be shown: ${error.message}`);
  }

  return {
    canvas, viewer, ready, place, full, whole, labels,
    start, close, drawn, putAgain, toggleFull, goTo, step, failed,
  };
}
