/**
 * The one file that knows NiiVue.
 *
 * The server sends images in the order right, front, head, in which NiiVue draws, so that its bitmap and the
 * server's marks are the same bytes. NiiVue keeps a drawing when another image is loaded: `open` closes it
 * first, and `marks` refuses a bitmap of another size.
 */
import { cmapper, DRAG_MODE, Niivue, SLICE_TYPE } from "@niivue/niivue";
import { COLOURS } from "./colours";
import { labels, nifti } from "./nifti";
import { region } from "./region";

export type Tool = "look" | "draw" | "erase";
/** LPS millimetres. */
export type Point = [number, number, number];

export interface Images {
  image: ArrayBuffer;
  veins: Uint8Array;
  marks: Uint8Array;
}

export interface Place {
  point: Point;
  /** Column, row, slice of what is loaded, from right, back and foot. */
  voxel: [number, number, number];
  value: number;
}

const UNDO = 24;

export class Viewer {
  private readonly nv: Niivue;
  private size: [number, number, number] = [0, 0, 0];
  private veinOpacity = 0.35;
  private window: [number, number] = [0, 1];
  /** So many can be undone; the viewer itself would go round in a circle. */
  private steps = 0;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    onPlace: (place: Place) => void,
    onDrawn: () => void,
  ) {
    this.nv = new Niivue({
      backColor: [0, 0, 0, 1],
      crosshairColor: [0.36, 0.72, 0.96, 0.8],
      // A little more than two pixels: thinner lines fall between them, thicker ones hide what is small.
      crosshairWidth: Math.min(0.35, 240 / Math.max(1, canvas.clientHeight)),
      crosshairWidthUnit: "percent",
      crosshairGap: 3,
      isRadiologicalConvention: true,
      // As radiologists look at sagittal images: the front is on the left.
      sagittalNoseLeft: true,
      isOrientationTextVisible: true,
      showAllOrientationMarkers: true,
      isNearestInterpolation: false,
      dragMode: DRAG_MODE.contrast,
      dragAndDropEnabled: false,
      isColorbar: false,
      multiplanarForceRender: false,
      fontMinPx: 15,
      maxDrawUndoBitmaps: UNDO,
      penSize: 3,
      clipPlaneHotKey: "",
      cycleClipPlaneHotKey: "",
      viewModeHotKey: "",
      loadingText: "",
      logLevel: "error",
    });
    this.nv.onLocationChange = (told: unknown) => {
      const { mm, vox, values } = told as {
        mm: number[];
        vox: number[];
        values: { value: number }[];
      };
      onPlace({
        point: [-mm[0]!, -mm[1]!, mm[2]!],
        voxel: [Math.round(vox[0]!), Math.round(vox[1]!), Math.round(vox[2]!)],
        value: values[0]?.value ?? NaN,
      });
    };
    this.nv.onDrawingChanged = (action: string) => {
      if (action === "draw") this.steps = Math.min(this.steps + 1, UNDO - 1);
      if (action === "draw" || action === "undo") onDrawn();
    };
  }

  async attach(): Promise<void> {
    await this.nv.attachToCanvas(this.canvas);
    this.nv.drawLut = cmapper.makeDrawLut({
      R: [0, ...repeated(0)],
      G: [0, ...repeated(1)],
      B: [0, ...repeated(2)],
      A: [0, ...new Array<number>(255).fill(255)],
      I: Array.from({ length: 256 }, (_, index) => index),
    } as unknown as string);
    this.nv.setSliceType(SLICE_TYPE.MULTIPLANAR);
    this.nv.setCustomLayout([
      { sliceType: SLICE_TYPE.AXIAL, position: [0, 0, 0.64, 1] },
      { sliceType: SLICE_TYPE.CORONAL, position: [0.64, 0, 0.36, 0.5] },
      { sliceType: SLICE_TYPE.SAGITTAL, position: [0.64, 0.5, 0.36, 0.5] },
    ]);
    this.nv.setDrawOpacity(0.45);
  }

  /** Show an image with its veins and marks; whatever was drawn before is gone. */
  async open(images: Images): Promise<void> {
    this.tool("look", 0);
    this.nv.closeDrawing();
    this.nv.volumes = [];
    const header = new DataView(images.image);
    const [columns, rows, slices] = [42, 44, 46].map((at) => header.getInt16(at, true)) as Point;
    this.size = [columns, rows, slices];
    const voxels = columns * rows * slices;
    if (images.veins.length !== voxels || images.marks.length !== voxels)
      throw new Error(`marks of ${images.marks.length} voxels do not fit an image of ${voxels}`);
    // Where there is a thrombus, its colour alone is seen.
    const open = images.veins.slice();
    for (let at = 0; at < voxels; at++) if (images.marks[at] !== 0) open[at] = 0;
    const [low, high] = this.window;
    const image = await nifti("image.nii", images.image, low, high);
    const veins = await nifti("veins.nii", labels(images.image, open), 0.5, 1);
    veins.colormap = "blue";
    veins.opacity = this.veinOpacity;
    // Both at once: whenever a layer comes, the viewer turns all voxels of all of them into colours.
    this.nv.volumes = [image, veins];
    this.nv.setVolume(veins, 1);
    this.nv.createEmptyDrawing();
    this.nv.drawBitmap!.set(images.marks);
    // The first step back is to what was found, never to an empty drawing.
    this.nv.drawClearAllUndoBitmaps();
    this.nv.drawAddUndoBitmap();
    this.steps = 0;
    this.nv.refreshDrawing(true);
  }

  /** Columns, rows and slices of what is loaded. */
  get shape(): [number, number, number] {
    return this.size;
  }

  /** A copy of the labels, one byte a voxel in the server's order. */
  marks(): Uint8Array {
    const bitmap = this.nv.drawBitmap;
    const voxels = this.size[0] * this.size[1] * this.size[2];
    if (bitmap === null || bitmap.length !== voxels)
      throw new Error("what was drawn does not fit the image; it was not saved");
    return bitmap.slice();
  }

  /** Put labels in the place of those that are there, as a step that can be undone. */
  put(marks: Uint8Array): void {
    this.nv.drawBitmap!.set(marks);
    this.changed();
  }

  private changed(): void {
    this.nv.drawAddUndoBitmap();
    this.steps = Math.min(this.steps + 1, UNDO - 1);
    this.nv.refreshDrawing(true);
  }

  undo(): void {
    if (this.steps === 0) return;
    this.steps--;
    this.nv.drawUndo();
  }

  tool(tool: Tool, label: number): void {
    this.nv.setDrawingEnabled(tool !== "look" && this.nv.volumes.length > 0);
    this.nv.setPenValue(tool === "draw" ? label : 0, false);
  }

  pen(size: number): void {
    this.nv.opts.penSize = size;
  }

  /**
   * Give `label` to what hangs together with the voxel under the crosshair, in 3D, within `radius_mm` of it
   * and within `tolerance` of its value.
   */
  grow(label: number, tolerance: number, radius_mm: number): boolean {
    const volume = this.nv.volumes[0];
    const bitmap = this.nv.drawBitmap;
    if (volume === undefined || bitmap === null) return false;
    const seed = this.nv.frac2vox(this.nv.scene.crosshairPos);
    const start = [0, 1, 2].map((axis) => Math.round(seed[axis]!)) as Point;
    const grown = region(volume, this.size, start, tolerance, radius_mm);
    for (const at of grown) if (bitmap[at] === 0) bitmap[at] = label;
    this.changed();
    return grown.length > 0;
  }

  goTo(point: Point): void {
    if (this.nv.volumes.length === 0) return;
    const place = this.nv.mm2frac([-point[0], -point[1], point[2]]);
    for (const axis of [0, 1, 2] as const)
      this.nv.scene.crosshairPos[axis] = Math.min(1, Math.max(0, place[axis]));
    this.nv.createOnLocationChange();
    this.nv.drawScene();
  }

  /** Slices towards the head. */
  step(slices: number): void {
    if (this.nv.volumes.length > 0) this.nv.moveCrosshairInVox(0, 0, slices);
  }

  /** Values shown black and white. */
  setWindow(low: number, high: number): void {
    this.window = [low, high];
    const image = this.nv.volumes[0];
    if (image === undefined) return;
    [image.cal_min, image.cal_max] = [low, high];
    this.nv.updateGLVolume();
  }

  opacity(veins: number, thrombi: number): void {
    this.veinOpacity = veins;
    this.nv.setDrawOpacity(thrombi);
    if (this.nv.volumes.length > 1) this.nv.setOpacity(1, veins);
  }

  close(): void {
    this.nv.closeDrawing();
    this.nv.volumes = [];
    this.nv.gl.getExtension("WEBGL_lose_context")?.loseContext();
    this.nv.cleanup();
  }

  /** For tests: the place of the voxel on the axial picture, in pixels of the canvas, and what NiiVue knows. */
  get inner(): Niivue {
    return this.nv;
  }
}

function repeated(channel: 0 | 1 | 2): number[] {
  return Array.from({ length: 255 }, (_, index) => COLOURS[index % COLOURS.length]![channel]);
}
