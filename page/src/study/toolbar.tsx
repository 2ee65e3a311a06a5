/** Tools for drawing, windows, and how much of the masks is seen. */
import type { Tools } from "./tools";
import type { Tool } from "./viewer";

const TOOLS: Tool[] = ["look", "draw", "erase"];

export function Toolbar(props: {
  tools: Tools;
  locked: boolean;
  canGrow: boolean;
  /** Null where the study is whole in full resolution anyway. */
  full: boolean | null;
  onFull: () => void;
}) {
  const { tools, locked } = props;
  return (
    <div class="bar" role="toolbar" aria-label="Tools">
      <div class="group">
        {TOOLS.map((name) => (
          <button
            type="button"
            key={name}
            aria-pressed={tools.tool === name}
            disabled={locked && name !== "look"}
            onClick={() => void tools.use(name)}
          >
            {name}
          </button>
        ))}
        <button type="button" disabled={!props.canGrow} onClick={() => void tools.grow()}>
          grow
        </button>
        <button type="button" disabled={locked} onClick={tools.undo}>
          undo
        </button>
      </div>
      <label>
        pen
        <input
          type="range" min={1} max={15} value={tools.pen}
          onInput={(event) => tools.resize(Number(event.currentTarget.value) - tools.pen)}
        />
      </label>
      <label>
        ±
        <input
          type="number" class="small" aria-label="Tolerance of growing" min={1} max={500}
          value={tools.tolerance}
          onChange={(event) => tools.setTolerance(Number(event.currentTarget.value))}
        />
      </label>
      <div class="group" role="group" aria-label="Window">
        {tools.windows.map(([name], index) => (
          <button
            type="button"
            key={name}
            aria-pressed={tools.window === index}
            onClick={() => tools.preset(index)}
          >
            {name}
          </button>
        ))}
      </div>
      <label>
        veins
        <input
          type="range" min={0} max={1} step={0.05} value={tools.veins}
          onInput={(event) => tools.fade(Number(event.currentTarget.value), tools.thrombi)}
        />
      </label>
      <label>
        thrombi
        <input
          type="range" min={0} max={1} step={0.05} value={tools.thrombi}
          onInput={(event) => tools.fade(tools.veins, Number(event.currentTarget.value))}
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
