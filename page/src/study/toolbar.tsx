/** Tools for drawing, windows, and how much of the masks is seen. */
import type { Tool } from "./viewer";
import type { Window } from "./windows";

const TOOLS: Tool[] = ["look", "draw", "erase"];

export function Toolbar(props: {
  tool: Tool;
  locked: boolean;
  canGrow: boolean;
  pen: number;
  tolerance: number;
  windows: Window[];
  window: number;
  veins: number;
  thrombi: number;
  /** Null where the study is whole in full resolution anyway. */
  full: boolean | null;
  onTool: (tool: Tool) => void;
  onGrow: () => void;
  onUndo: () => void;
  onPen: (size: number) => void;
  onTolerance: (tolerance: number) => void;
  onWindow: (index: number) => void;
  onFade: (veins: number, thrombi: number) => void;
  onFull: () => void;
}) {
  const { locked } = props;
  return (
    <div class="bar" role="toolbar" aria-label="Tools">
      <div class="group">
        {TOOLS.map((name) => (
          <button
            type="button"
            key={name}
            aria-pressed={props.tool === name}
            disabled={locked && name !== "look"}
            onClick={() => props.onTool(name)}
          >
            {name}
          </button>
        ))}
        <button type="button" disabled={!props.canGrow} onClick={props.onGrow}>
          grow
        </button>
        <button type="button" disabled={locked} onClick={props.onUndo}>
          undo
        </button>
      </div>
      <label>
        pen
        <input
          type="range" min={1} max={15} value={props.pen}
          onInput={(event) => props.onPen(Number(event.currentTarget.value))}
        />
      </label>
      <label>
        ±
        <input
          type="number" class="small" aria-label="Tolerance of growing" min={1} max={500}
          value={props.tolerance}
          onChange={(event) => props.onTolerance(Number(event.currentTarget.value))}
        />
      </label>
      <div class="group" role="group" aria-label="Window">
        {props.windows.map(([name], index) => (
          <button
            type="button"
            key={name}
            aria-pressed={props.window === index}
            onClick={() => props.onWindow(index)}
          >
            {name}
          </button>
        ))}
      </div>
      <label>
        veins
        <input
          type="range" min={0} max={1} step={0.05} value={props.veins}
          onInput={(event) => props.onFade(Number(event.currentTarget.value), props.thrombi)}
        />
      </label>
      <label>
        thrombi
        <input
          type="range" min={0} max={1} step={0.05} value={props.thrombi}
          onInput={(event) => props.onFade(props.veins, Number(event.currentTarget.value))}
        />
      </label>
      {props.full !== null && (
        <button type="button" aria-pressed={props.full} onClick={props.onFull}>
          full resolution
        </button>
      )}
    </div>
  );
}
