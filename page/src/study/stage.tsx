/** The images, with tools above them and what is under the crosshair below. */
import type { Study } from "../api";
import { where } from "../words";
import type { Images } from "./images";
import { Toolbar } from "./toolbar";
import type { Tools } from "./tools";

export function Stage(props: {
  study: Study;
  images: Images;
  tools: Tools;
  label: number;
  locked: boolean;
  canGrow: boolean;
}) {
  const { images, tools, locked } = props;
  return (
    <section class="images" aria-label="Images">
      <Toolbar
        tools={tools}
        locked={locked}
        canGrow={!locked && props.canGrow}
        full={images.whole ? null : images.full}
        onFull={() => void images.toggleFull()}
      />
      <div class="stage">
        <canvas ref={images.canvas} id="images" tabIndex={0} aria-label="Axial, coronal and sagittal images" />
        {/* The viewer's own letters leave the picture where it is filled; these stay. */}
        {["axial", "coronal"].map((name) => (
          <div key={name} class={`sides ${name}`} aria-hidden="true">
            <span>R</span>
            <span>L</span>
          </div>
        ))}
        {images.ready !== "" && (
          <p class="loading" role="status">
            {images.ready}
          </p>
        )}
        <p class="readout" aria-live="off">
          {told(props)}
        </p>
      </div>
    </section>
  );
}

/** Value and place under the crosshair, and what the hand holds. */
function told(props: Parameters<typeof Stage>[0]): string {
  const { images, tools, study } = props;
  if (images.place === null) return "";
  const { value, point } = images.place;
  const parts = [`${value.toFixed(0)}${study.result!.modality === "CT" ? " HU" : ""}`, where(point)];
  // From right to left as people say it; the view tells slice, row and column.
  if (!images.full) parts.push(`mean of ${[...images.steps].reverse().join(" × ")} voxels`);
  if (images.finer) parts.push("finer images are coming");
  if (tools.tool === "draw") parts.push(`draw thrombus ${props.label}`);
  if (tools.tool === "erase") parts.push("erase");
  return parts.join(" · ");
}
