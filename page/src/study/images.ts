/** What is loaded of a study, reduced or some slices of it in full, and where one is in it. */
import { useRef, useState } from "preact/hooks";
import { getBytes, type Study } from "../api";
import { changedSlices, toBytes, unpack, type Slab } from "./draft";
import type { Keeper } from "./keeper";
import type { Place, Point, Viewer } from "./viewer";

/** Slices of full resolution that are fetched at once, on each side of the place. */
const SLAB = 24;

/** What is loaded: a reduced volume, or slices in full from the first one to before the last. */
type Range = "preview" | "review" | [number, number];
type Steps = [number, number, number];

export type Images = ReturnType<typeof useImages>;

export function useImages(study: Study, keeper: Keeper) {
  const view = study.view!;
  const whole = view.steps.every((step) => step === 1);
  const canvas = useRef<HTMLCanvasElement>(null);
  const viewer = useRef<Viewer | null>(null);
  /** Slices that are loaded in full resolution; null while a reduced volume is. */
  const slab = useRef<[number, number] | null>(null);
  /** The labels that the server has. */
  const saved = useRef<Uint8Array | null>(null);
  const [ready, setReady] = useState("Loading images…");
  const [place, setPlace] = useState<Place | null>(null);
  /** Voxels that one of what is loaded stands for: slices, rows, columns. */
  const [steps, setSteps] = useState<Steps>(view.steps);
  const [finer, setFiner] = useState(false);
  /** Counts loads, of which the last one asked for is shown. */
  const turn = useRef(0);
  const here = useRef<Point | null>(null);
  const [labels, setLabels] = useState<number[]>([]);

  const full = steps.every((step) => step === 1);

  /** Begin with the review volume or its preview; true unless the page was left meanwhile. */
  async function start(window: [number, number], gone: () => boolean): Promise<boolean> {
    // Images come while the viewer does.
    const first: Range = view.preview === null ? "review" : "preview";
    const coming = bring(first);
    const { Viewer } = await import("./viewer");
    if (gone()) return false;
    const moved = (at: Place) => {
      here.current = at.point;
      setPlace(at);
    };
    const made = new Viewer(canvas.current!, moved, () => void drawn());
    viewer.current = made;
    await made.attach();
    made.setWindow(...window);
    await show(await coming, first);
    return !gone();
  }

  /** After a preview the review volume, at the place where one is then; unless something else is asked for. */
  async function refine(): Promise<void> {
    if (view.preview === null || turn.current > 0) return;
    setFiner(true);
    const brought = await bring("review");
    // What is seen is drawn first.
    await new Promise((go) => setTimeout(go, 50));
    if (turn.current === 0) {
      const at = here.current;
      await show(brought, "review");
      if (at !== null) viewer.current?.goTo(at);
    }
    setFiner(false);
  }

  function close(): void {
    viewer.current?.close();
    viewer.current = null;
  }

  async function bring(range: Range): Promise<ArrayBuffer[]> {
    const base = `/api/studies/${study.id}`;
    const asked =
      range === "review" ? "" : range === "preview" ? "?preview=true" : `?first=${range[0]}&last=${range[1]}`;
    const names = ["image.nii", "marks/veins", "marks/review"];
    return await Promise.all(names.map((name) => getBytes(`${base}/${name}${asked}`)));
  }

  async function show(brought: ArrayBuffer[], range: Range): Promise<void> {
    const [image, veins, marks] = brought;
    if (viewer.current === null) return;
    saved.current = new Uint8Array(marks!);
    slab.current = typeof range === "string" ? null : range;
    await viewer.current.open({ image: image!, veins: new Uint8Array(veins!), marks: saved.current });
    setSteps(range === "preview" ? view.preview! : range === "review" ? view.steps : [1, 1, 1]);
    seen(saved.current);
    setReady("");
  }

  async function load(range: Range): Promise<void> {
    const mine = ++turn.current;
    setReady("Loading images…");
    // What is on its way to the server is not there yet, and would be missing in what comes back.
    await keeper.settled();
    const brought = await bring(range);
    if (mine === turn.current) await show(brought, range);
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
      await load("review");
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
      await load("review");
      if (here !== null) viewer.current?.goTo(here);
    }
  }

  function goTo(point: Point): void {
    const range = slab.current;
    const slice = sliceAt(point);
    if (range !== null && (slice < range[0] || slice >= range[1])) void fullAt(point);
    else viewer.current?.goTo(point);
  }

  /** To the middle of the study, where nothing was found: tools need a place. */
  function goToMiddle(): void {
    const half = view.shape.map((count) => (count - 1) / 2);
    const rows = view.affine.slice(0, 3);
    goTo(rows.map((row) => row[3]! + half.reduce((sum, at, axis) => sum + at * row[axis]!, 0)) as Point);
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
    canvas, viewer, ready, place, full, whole, steps, finer, labels,
    start, refine, close, drawn, putAgain, toggleFull, goTo, goToMiddle, step, failed,
  };
}
