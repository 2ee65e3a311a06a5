/** What the hand holds: pen, window and how much of the masks is seen. */
import { useEffect, useState } from "preact/hooks";
import type { Choice } from "./choice";
import type { Images } from "./images";
import type { Tool } from "./viewer";
import type { Window } from "./windows";

const VEINS = 0.35;
const THROMBI = 0.45;
const GROW_MM = 12;

export type Tools = ReturnType<typeof useTools>;

export function useTools(images: Images, choice: Choice, windows: Window[], locked: boolean) {
  const { viewer } = images;
  const { chosen, label } = choice;
  const [tool, setTool] = useState<Tool>("look");
  const [pen, setPen] = useState(3);
  const [tolerance, setTolerance] = useState(25);
  const [window, setWindow] = useState(0);
  const [veins, setVeins] = useState(VEINS);
  const [thrombi, setThrombi] = useState(THROMBI);

  useEffect(() => {
    viewer.current?.tool(tool, label.current);
  }, [chosen, tool, images.ready]);

  async function use(next: Tool): Promise<void> {
    if (locked && next !== "look") return;
    // Corrections are drawn on the voxels of the study, never on reduced ones.
    if (next !== "look" && !images.full) await images.toggleFull();
    setTool(next);
    viewer.current?.tool(next, label.current);
  }

  async function grow(): Promise<void> {
    if (locked || chosen === null) return;
    if (!images.full) await images.toggleFull();
    if (viewer.current?.grow(chosen, tolerance, GROW_MM)) await images.drawn();
  }

  function undo(): void {
    if (!locked) viewer.current?.undo();
  }

  function preset(index: number): void {
    const found = windows[index];
    if (found === undefined) return;
    setWindow(index);
    viewer.current?.setWindow(found[1], found[2]);
  }

  function fade(veins_: number, thrombi_: number): void {
    setVeins(veins_);
    setThrombi(thrombi_);
    viewer.current?.opacity(veins_, thrombi_);
  }

  function resize(by: number): void {
    const size = Math.min(15, Math.max(1, pen + by));
    setPen(size);
    viewer.current?.pen(size);
  }

  /** Draw a thrombus that was missed. */
  async function add(): Promise<void> {
    if (!locked && choice.add()) await use("draw");
  }

  return {
    tool, pen, tolerance, window, windows, veins, thrombi,
    use, add, grow, undo, preset, fade, resize, setTolerance,
    showVeins: () => fade(veins > 0 ? 0 : VEINS, thrombi),
    showThrombi: () => fade(veins, thrombi > 0 ? 0 : THROMBI),
  };
}
