/** Both legs from the front with veins, findings and the probability of each slice: click to go there. */
import { useRef } from "preact/hooks";
import type { Finding, Result, View } from "../api";
import type { Point } from "./viewer";

const STRIP = 46;

export function Overview(props: {
  id: number;
  view: View;
  result: Result;
  place: Point | null;
  chosen: number | null;
  rejected: Set<number>;
  onGo: (point: Point) => void;
  onFinding: (finding: Finding) => void;
}) {
  const { view, result, place } = props;
  const [left, right, low, high] = view.overview_mm;
  const picture = useRef<SVGSVGElement>(null);
  const unit = (high - low) / 100;
  const wide = right - left;
  const x = (mm: number) => mm - left;
  const z = (mm: number) => high - mm;
  const strip = (STRIP / 220) * wide;
  const profile = result.profile;
  const curve = profile.positions_mm
    .map((mm, index) => `${wide + strip * 0.15 + strip * 0.8 * (profile.probability[index] ?? 0)},${z(mm)}`)
    .join(" ");
  const ends = profile.positions_mm;
  function clicked(event: MouseEvent): void {
    // The picture is as large as its shape allows, and stands in the middle of its box.
    const onto = picture.current!.getScreenCTM()!.inverse();
    const spot = new DOMPoint(event.clientX, event.clientY).matrixTransform(onto);
    const across = left + spot.x;
    const up = high - Math.min(high - low, Math.max(0, spot.y));
    if (across > right) {
      props.onGo([place?.[0] ?? (left + right) / 2, place?.[1] ?? 0, up]);
      return;
    }
    // The depth of a click is that of the vein that runs nearest to it.
    let best = 20 * 20;
    let depth = place?.[1] ?? 0;
    for (const vein of view.veins)
      for (const [px, py, pz] of vein.points_mm) {
        const away = (px - across) ** 2 + (pz - up) ** 2;
        if (away < best) [best, depth] = [away, py];
      }
    props.onGo([across, depth, up]);
  }
  return (
    <svg
      ref={picture}
      class="overview"
      viewBox={`0 0 ${wide + strip} ${high - low}`}
      role="img"
      aria-label="Both legs from the front; the patient's right is on the left"
      onClick={clicked}
    >
      <image
        href={`/api/studies/${props.id}/overview.png`}
        width={wide}
        height={high - low}
        preserveAspectRatio="none"
      />
      {view.veins.map((vein, index) => (
        <polyline
          key={index}
          class="vein"
          points={vein.points_mm.map(([px, , pz]) => `${x(px)},${z(pz)}`).join(" ")}
        >
          <title>{`${vein.side} ${vein.name}`}</title>
        </polyline>
      ))}
      {ends.length > 1 && (
        <>
          <rect class="strip" x={wide + strip * 0.15} y={0} width={strip * 0.8} height={high - low} />
          <polygon
            class="profile"
            points={`${wide + strip * 0.15},${z(ends[0]!)} ${curve} ${wide + strip * 0.15},${z(ends.at(-1)!)}`}
          />
        </>
      )}
      {result.findings.map((finding) => (
        <g
          key={finding.number}
          class={[
            "mark",
            props.chosen === finding.number ? "chosen" : "",
            props.rejected.has(finding.number) ? "rejected" : "",
          ].join(" ")}
          onClick={(event: MouseEvent) => {
            event.stopPropagation();
            props.onFinding(finding);
          }}
        >
          <title>{`${finding.number}: ${finding.place}`}</title>
          <rect
            x={wide + strip * 0.02}
            y={z(finding.end_mm)}
            width={strip * 0.1}
            height={Math.max(unit, finding.end_mm - finding.start_mm)}
          />
          <line
            x1={x(finding.key_point_mm[0])}
            x2={x(finding.key_point_mm[0])}
            y1={z(finding.end_mm)}
            y2={z(finding.start_mm)}
          />
          <circle cx={x(finding.key_point_mm[0])} cy={z(finding.key_point_mm[2])} r={unit * 1.9} />
          <text
            x={x(finding.key_point_mm[0])}
            y={z(finding.key_point_mm[2]) + unit * 0.95}
            font-size={unit * 2.8}
            text-anchor="middle"
          >
            {finding.number}
          </text>
        </g>
      ))}
      <text class="side" x={unit} y={unit * 4.2} font-size={unit * 4}>
        R
      </text>
      <text class="side" x={wide - unit} y={unit * 4.2} font-size={unit * 4} text-anchor="end">
        L
      </text>
      {place !== null && (
        <g class="here">
          <line x1={0} x2={wide + strip} y1={z(place[2])} y2={z(place[2])} />
          <circle cx={x(place[0])} cy={z(place[2])} r={unit * 0.8} />
        </g>
      )}
    </svg>
  );
}
