/** What the node did week by week. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { getJson } from "./api";
import { percent } from "./words";

interface Share {
  hits: number;
  count: number;
  value: number | null;
  low: number | null;
  high: number | null;
}

interface Week {
  begin: string;
  received: number;
  screened: number;
  positive: Share;
  studies_agreed: Share;
  findings_accepted: Share;
}

interface Drift {
  models: string;
  name: string;
  recent: number;
  reference: number;
  recent_median: number | null;
  reference_median: number | null;
  p: number | null;
  alarm: boolean;
}

const WATCHED: Record<string, string> = {
  probability: "probability",
  pixel_mm: "pixel, mm",
  slice_mm: "slice, mm",
  noise: "noise",
  opacification: "opacification of veins",
};

interface Figures {
  weeks: Week[];
  minutes_median: number | null;
  minutes_p90: number | null;
  drift: Drift[];
}

export function Dashboard() {
  const [told, setTold] = useState<Figures | null>(null);
  useEffect(() => {
    document.title = "Dashboard · deepvein";
    void getJson<Figures>("/api/dashboard").then(setTold);
  }, []);
  if (told === null) return <main class="nothing">Loading…</main>;
  const { weeks, drift } = told;
  const signed = total(weeks.map((week) => week.studies_agreed));
  const decided = total(weeks.map((week) => week.findings_accepted));
  return (
    <main class="dashboard" tabIndex={0} aria-label="Dashboard">
      <h1>Last {weeks.length} weeks</h1>
      <div class="figures">
        <Figure name="Studies" value={String(weeks.reduce((sum, week) => sum + week.received, 0))} />
        <Figure name="Positive" value={shareText(total(weeks.map((week) => week.positive)))} />
        <Figure
          name="Last image to result, 30 days"
          value={
            told.minutes_median === null
              ? "—"
              : `${told.minutes_median.toFixed(1)} min, 90 % within ${told.minutes_p90!.toFixed(1)} min`
          }
        />
        <Figure name="Readers agree with the verdict" value={shareText(signed)} />
        <Figure name="Findings accepted" value={shareText(decided)} />
        <Figure
          name="Drift"
          alarm={drift.some((one) => one.alarm)}
          value={drift.some((one) => one.alarm) ? "alarm" : drift.some((one) => one.p !== null) ? "none" : "too few studies"}
        />
      </div>
      <div class="charts">
        <Bars title="Studies a week" weeks={weeks} value={(week) => week.received} />
        <Shares title="Positive" weeks={weeks} value={(week) => week.positive} />
        <Shares title="Readers agree with the verdict" weeks={weeks} value={(week) => week.studies_agreed} />
        <Shares title="Findings accepted" weeks={weeks} value={(week) => week.findings_accepted} />
      </div>
      <section class="drift" aria-label="Drift">
        <h2>Drift</h2>
        <table>
          <thead>
            <tr>
              <th scope="col">models</th>
              <th scope="col">of</th>
              <th scope="col">median, last 30 days</th>
              <th scope="col">median, first 200 studies</th>
              <th scope="col">p (Holm)</th>
            </tr>
          </thead>
          <tbody>
            {drift.map((one, index) => (
              <tr key={index} class={one.alarm ? "alarm" : ""}>
                <td>{one.models}</td>
                <td>{WATCHED[one.name] ?? one.name}</td>
                <td class="number">{medianText(one.recent_median, one.recent)}</td>
                <td class="number">{medianText(one.reference_median, one.reference)}</td>
                <td class="number">{one.p === null ? "too few" : one.p.toPrecision(2)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="muted">
        Whiskers are 95 % intervals (Wilson). Drift compares the last 30 days with the first 200 studies of
        the same models; the alarm stands for p below 0.01, corrected for all that is watched.
      </p>
    </main>
  );
}

function medianText(median: number | null, count: number): string {
  return median === null ? "—" : `${median.toPrecision(3)} (${count})`;
}

function total(shares: Share[]): [number, number] {
  return [
    shares.reduce((sum, one) => sum + one.hits, 0),
    shares.reduce((sum, one) => sum + one.count, 0),
  ];
}

function shareText([hits, count]: [number, number]): string {
  return count === 0 ? "—" : `${percent(hits / count)} (${hits} of ${count})`;
}

function Figure(props: { name: string; value: string; alarm?: boolean }) {
  return (
    <div class={props.alarm ? "figure alarm" : "figure"}>
      <span class="muted">{props.name}</span>
      <strong>{props.value}</strong>
    </div>
  );
}

const WIDE = 460;
const HIGH = 120;
const FOOT = 16;
const NOTHING = "nothing in these weeks";

function Frame(props: {
  title: string;
  top: string;
  weeks: Week[];
  /** What it shows, for those who do not see it; empty if there is nothing to show. */
  text: string;
  children: ComponentChildren;
}) {
  const step = WIDE / props.weeks.length;
  return (
    <figure>
      <figcaption>{props.title}</figcaption>
      <svg viewBox={`0 -8 ${WIDE + 40} ${HIGH + FOOT + 10}`} role="img" aria-label={`${props.title}: ${props.text || NOTHING}`}>
        <line class="axis" x1={0} x2={WIDE} y1={HIGH} y2={HIGH} />
        <line class="grid" x1={0} x2={WIDE} y1={0} y2={0} />
        <text x={WIDE + 4} y={4}>
          {props.top}
        </text>
        <text x={WIDE + 4} y={HIGH + 4}>
          0
        </text>
        {props.weeks.map((week, index) =>
          index % 3 === 0 ? (
            <text key={week.begin} x={(index + 0.5) * step} y={HIGH + 14} text-anchor="middle">
              {week.begin.slice(5)}
            </text>
          ) : null,
        )}
        {props.text === "" ? (
          <text x={WIDE / 2} y={HIGH / 2} text-anchor="middle">
            {NOTHING}
          </text>
        ) : (
          props.children
        )}
      </svg>
    </figure>
  );
}

function Bars(props: { title: string; weeks: Week[]; value: (week: Week) => number }) {
  const values = props.weeks.map(props.value);
  const most = Math.max(1, ...values);
  const step = WIDE / values.length;
  return (
    <Frame title={props.title} top={String(most)} weeks={props.weeks} text={values.some((value) => value > 0) ? values.join(", ") : ""}>
      {values.map((value, index) => (
        <rect
          key={index}
          class="bar-mark"
          x={index * step + 3}
          width={step - 6}
          y={HIGH * (1 - value / most)}
          height={(HIGH * value) / most}
        >
          <title>{`${props.weeks[index]!.begin}: ${value}`}</title>
        </rect>
      ))}
    </Frame>
  );
}

function Shares(props: { title: string; weeks: Week[]; value: (week: Week) => Share }) {
  const shares = props.weeks.map(props.value);
  const step = WIDE / shares.length;
  return (
    <Frame
      title={props.title}
      top="100 %"
      weeks={props.weeks}
      text={shares.some((one) => one.value !== null) ? shares.map((one) => percent(one.value)).join(", ") : ""}
    >
      {shares.map((one, index) =>
        one.value === null ? null : (
          <g key={index}>
            <line
              class="whisker"
              x1={(index + 0.5) * step}
              x2={(index + 0.5) * step}
              y1={HIGH * (1 - one.high!)}
              y2={HIGH * (1 - one.low!)}
            />
            <circle class="bar-mark" cx={(index + 0.5) * step} cy={HIGH * (1 - one.value)} r={4}>
              <title>{`${props.weeks[index]!.begin}: ${one.hits} of ${one.count}`}</title>
            </circle>
          </g>
        ),
      )}
    </Frame>
  );
}
