/** The study: look, jump, decide, correct, sign. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { getBytes, getJson, type Decision, type Finding, type Review, type Study } from "../api";
import { KeyHelp, useKeys, type Key } from "../keys";
import { go, Link } from "../route";
import { person, REASONS, VERDICT, where } from "../words";
import { changedSlices, drop, kept, toBytes, unpack } from "./draft";
import { Findings, type Shown } from "./findings";
import { arrivedBefore, Keeper, type Words } from "./keeper";
import { Overview } from "./overview";
import { PatientBar, type Keeping } from "./patient";
import { SignDialog } from "./sign";
import { Straight } from "./straight";
import { Toolbar } from "./toolbar";
import type { Place, Point, Tool, Viewer } from "./viewer";
import { windowsOf } from "./windows";

/** Slices of full resolution that are fetched at once, on each side of the place. */
const SLAB = 24;

export function StudyPage(props: { id: number }) {
  const [study, setStudy] = useState<Study | null>(null);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    let gone = false;
    getJson<Study>(`/api/studies/${props.id}`)
      .then((found) => !gone && setStudy(found))
      .catch((error: Error) => !gone && setTrouble(error.message));
    return () => {
      gone = true;
    };
  }, [props.id]);
  if (trouble !== "") return <Nothing text={trouble} />;
  if (study === null) return <Nothing text="Loading…" />;
  if (study.result === null || study.view === null)
    return <Nothing text={`${person(study.patient_name)}: ${study.reason || `this study is ${study.state}`}`} />;
  return <Open study={study} />;
}

function Nothing(props: { text: string }) {
  return (
    <main class="nothing">
      <p role="status">{props.text}</p>
      <Link href="/">← Work list</Link>
    </main>
  );
}

function Open({ study }: { study: Study }) {
  const result = study.result!;
  const view = study.view!;
  const windows = useMemo(() => windowsOf(study), [study]);
  const canvas = useRef<HTMLCanvasElement>(null);
  const viewer = useRef<Viewer | null>(null);
  const keeper = useRef<Keeper | null>(null);
  /** Slices that are loaded in full resolution; null while the review volume is. */
  const slab = useRef<[number, number] | null>(null);
  /** The labels that the server has. */
  const saved = useRef<Uint8Array | null>(null);
  const labelNow = useRef(1);
  const [review, setReview] = useState<Review>(study.review);
  const [words, setWords] = useState<Words>({
    decisions: study.review.decisions,
    verdict: study.review.verdict,
    comment: study.review.comment,
  });
  const [keeping, setKeeping] = useState<Keeping>("saved");
  const [why, setWhy] = useState("");
  const [ready, setReady] = useState("Loading images…");
  const [place, setPlace] = useState<Place | null>(null);
  const [chosen, setChosen] = useState<number | null>(null);
  const [asking, setAsking] = useState<number | null>(null);
  const [tool, setTool] = useState<Tool>("look");
  const [pen, setPen] = useState(3);
  const [tolerance, setTolerance] = useState(25);
  const [window_, setWindow] = useState(0);
  const [veins, setVeins] = useState(0.35);
  const [masks, setMasks] = useState(0.45);
  const [added, setAdded] = useState<number[]>([]);
  const [full, setFull] = useState(view.steps.every((step) => step === 1));
  const [signing, setSigning] = useState(false);
  const [help, setHelp] = useState(false);
  const whole = view.steps.every((step) => step === 1);
  const locked = review.state === "signed" || keeping === "conflict";
  const base = `/api/studies/${study.id}`;

  async function load(range: [number, number] | null): Promise<void> {
    const asked = range === null ? "" : `?first=${range[0]}&last=${range[1]}`;
    setReady("Loading images…");
    const [image, veinMarks, marks] = await Promise.all([
      getBytes(`${base}/image.nii${asked}`),
      getBytes(`${base}/marks/veins${asked}`),
      getBytes(`${base}/marks/review${asked}`),
    ]);
    const view_ = viewer.current;
    if (view_ === null) return;
    saved.current = new Uint8Array(marks);
    slab.current = range;
    await view_.open({ image, veins: new Uint8Array(veinMarks), marks: saved.current });
    setFull(range !== null || whole);
    setAdded((before) => [...new Set([...before, ...drawnNumbers(saved.current!)])].sort((a, b) => a - b));
    setReady("");
  }

  function drawnNumbers(marks: Uint8Array): number[] {
    const there = new Set<number>();
    for (const label of marks) if (label > 0) there.add(label);
    return [...there].filter((number) => !result.findings.some((one) => one.number === number));
  }

  async function drawn(): Promise<void> {
    const view_ = viewer.current;
    const keeper_ = keeper.current;
    if (view_ === null || keeper_ === null || saved.current === null) return;
    const marks = view_.marks();
    const slice = view_.shape[0] * view_.shape[1];
    const changed = changedSlices(saved.current, marks, slice);
    if (changed === null) return;
    const [first, last] = changed;
    const offset = slab.current?.[0] ?? 0;
    await keeper_.slab(offset + first, marks.subarray(first * slice, last * slice), last - first, () => {
      saved.current = marks;
    });
  }

  useEffect(() => {
    let gone = false;
    document.title = `${person(study.patient_name)} · deepvein`;
    const keeper_ = new Keeper(study.id, study.study_uid, view.grid, study.review, (now, state, reason) => {
      setReview(now);
      setKeeping(state);
      setWhy(reason);
    });
    keeper.current = keeper_;
    void (async () => {
      const { Viewer } = await import("./viewer");
      if (gone) return;
      const made = new Viewer(canvas.current!, setPlace, () => void drawn());
      viewer.current = made;
      await made.attach();
      made.setWindow(windows[0]![1], windows[0]![2]);
      await load(null);
      if (gone) return;
      const first = result.findings[0];
      if (first !== undefined) choose(first.number);
      await again(keeper_);
    })().catch((error: Error) => setReady(`The images cannot be shown: ${error.message}`));
    return () => {
      gone = true;
      viewer.current?.close();
      viewer.current = null;
    };
  }, []);

  /** What an earlier page could not save any more is taken up again. */
  async function again(keeper_: Keeper): Promise<void> {
    const draft = kept(study.study_uid);
    if (draft === null || (draft.slab === undefined && draft.words === undefined)) return;
    if (draft.grid === view.grid && (await arrivedBefore(study.id, draft, study.review))) {
      drop(study.study_uid);
      return;
    }
    if (draft.version !== study.review.version || draft.grid !== view.grid || study.review.state === "signed") {
      setWhy("Changes that an earlier page could not save belong to an older version of this review.");
      setKeeping("conflict");
      return;
    }
    if (draft.slab !== undefined && saved.current !== null && whole) {
      const slice = view.shape[1] * view.shape[2];
      const marks = saved.current.slice();
      marks.set(await unpack(toBytes(draft.slab.packed)), draft.slab.first * slice);
      viewer.current?.put(marks);
      setAdded(drawnNumbers(marks));
    }
    if (draft.words !== undefined) setWords(draft.words);
    keeper_.again(draft);
  }

  function change(next: Words): void {
    if (locked) return;
    setWords(next);
    keeper.current?.words(next);
  }

  function decide(number: number, decision: Decision): void {
    setAsking(null);
    change({ ...words, decisions: { ...words.decisions, [number]: decision } });
    const open = shown.find(
      (one) => one.number !== number && words.decisions[String(one.number)] === undefined,
    );
    if (open !== undefined) choose(open.number);
  }

  function accept(number: number): void {
    decide(number, { choice: "accepted", reason: "", comment: words.decisions[number]?.comment ?? "" });
  }

  function choose(number: number): void {
    setChosen(number);
    labelNow.current = number;
    const finding = result.findings.find((one) => one.number === number);
    if (finding !== undefined) goTo(finding.key_point_mm);
  }

  function goTo(point: Point): void {
    const range = slab.current;
    if (range !== null) {
      const slice = sliceAt(point);
      if (slice < range[0] || slice >= range[1]) {
        void fullAt(point);
        return;
      }
    }
    viewer.current?.goTo(point);
  }

  function sliceAt(point: Point): number {
    // Slices run to the head: where the point lies along their direction from the first one.
    const step = view.affine.slice(0, 3).map((row) => row[0]!) as Point;
    const origin = view.affine.slice(0, 3).map((row) => row[3]!) as Point;
    const length = step.reduce((sum, value) => sum + value * value, 0);
    const along = point.reduce((sum, value, axis) => sum + (value - origin[axis]!) * step[axis]!, 0) / length;
    return Math.min(view.shape[0] - 1, Math.max(0, Math.round(along)));
  }

  async function fullAt(point: Point): Promise<void> {
    const slice = sliceAt(point);
    await load([Math.max(0, slice - SLAB), Math.min(view.shape[0], slice + SLAB + 1)]);
    viewer.current?.goTo(point);
  }

  async function toggleFull(): Promise<void> {
    if (whole) return;
    const here = place?.point ?? null;
    if (slab.current === null && here !== null) await fullAt(here);
    else {
      await load(null);
      if (here !== null) viewer.current?.goTo(here);
    }
  }

  async function use(next: Tool): Promise<void> {
    if (locked && next !== "look") return;
    // Corrections are drawn on the voxels of the study, never on reduced ones.
    if (next !== "look" && !full) await toggleFull();
    setTool(next);
    viewer.current?.tool(next, labelNow.current);
  }

  useEffect(() => {
    viewer.current?.tool(tool, labelNow.current);
  }, [chosen, tool, ready]);

  async function add(): Promise<void> {
    if (locked) return;
    const used = [...result.findings.map((one) => one.number), ...added];
    const number = Math.max(0, ...used) + 1;
    if (number > 255) return;
    setAdded([...added, number]);
    setChosen(number);
    labelNow.current = number;
    await use("draw");
  }

  async function grow(): Promise<void> {
    if (locked || chosen === null) return;
    if (!full) await toggleFull();
    if (viewer.current?.grow(chosen, tolerance, 12)) await drawn();
  }

  function preset(index: number): void {
    const found = windows[index];
    if (found === undefined) return;
    setWindow(index);
    viewer.current?.setWindow(found[1], found[2]);
  }

  function fade(veins_: number, masks_: number): void {
    setVeins(veins_);
    setMasks(masks_);
    viewer.current?.opacity(veins_, masks_);
  }

  function resize(by: number): void {
    const size = Math.min(15, Math.max(1, pen + by));
    setPen(size);
    viewer.current?.pen(size);
  }

  const shown: Shown[] = [
    ...result.findings.map((finding: Finding) => ({ number: finding.number, finding })),
    ...added.map((number) => ({ number, finding: null })),
  ];
  const at = shown.findIndex((one) => one.number === chosen);
  const rejected = new Set(
    shown.filter((one) => words.decisions[one.number]?.choice === "rejected").map((one) => one.number),
  );
  const open = result.findings.filter((one) => words.decisions[one.number] === undefined).length;

  const table: Key[] = [
    { keys: ["n", "ArrowRight"], does: "next finding", act: () => shown[at + 1] && choose(shown[at + 1]!.number) },
    { keys: ["p", "ArrowLeft"], does: "finding before", act: () => shown[at - 1] && choose(shown[at - 1]!.number) },
    { keys: ["a", "Enter"], does: "accept the finding", act: () => chosen !== null && accept(chosen) },
    { keys: ["r"], does: "reject the finding (then 1 to 6 for the reason)", act: () => !locked && setAsking(chosen) },
    { keys: ["ArrowUp"], does: "slice towards the head", act: () => viewer.current?.step(1) },
    { keys: ["ArrowDown"], does: "slice towards the feet", act: () => viewer.current?.step(-1) },
    { keys: ["PageUp"], does: "ten slices towards the head", act: () => viewer.current?.step(10) },
    { keys: ["PageDown"], does: "ten slices towards the feet", act: () => viewer.current?.step(-10) },
    { keys: ["d"], does: "draw", act: () => void use(tool === "draw" ? "look" : "draw") },
    { keys: ["e"], does: "erase", act: () => void use(tool === "erase" ? "look" : "erase") },
    { keys: ["g"], does: "grow at the crosshair, within the tolerance", act: () => void grow() },
    { keys: ["[", "]"], does: "smaller, larger pen", act: () => undefined },
    { keys: ["z"], does: "undo", act: () => !locked && viewer.current?.undo() },
    { keys: ["+"], does: "add a missed thrombus", act: () => void add() },
    { keys: ["f"], does: "full resolution here, or the whole study", act: () => void toggleFull() },
    { keys: ["v"], does: "veins on and off", act: () => fade(veins > 0 ? 0 : 0.35, masks) },
    { keys: ["m"], does: "thrombi on and off", act: () => fade(veins, masks > 0 ? 0 : 0.45) },
    { keys: ["1", "2", "3", "4"], does: windows.map(([name]) => name).join(", "), act: () => undefined },
    { keys: ["c"], does: "comment on the study", act: () => document.getElementById("comment")?.focus() },
    { keys: ["s"], does: "sign", act: () => !locked && setSigning(true) },
    { keys: ["w", "Escape"], does: "back to the work list", act: () => (asking !== null ? setAsking(null) : tool !== "look" ? void use("look") : go("/")) },
    { keys: ["?"], does: "show the keys", act: () => setHelp(true) },
  ];
  const numbers: Key[] = ["1", "2", "3", "4", "5", "6"].map((key, index) => ({
    keys: [key],
    does: "",
    act: () => {
      const reason = REASONS[index];
      if (asking !== null && reason !== undefined)
        decide(asking, { choice: "rejected", reason: reason[0], comment: "" });
      else preset(index);
    },
  }));
  useKeys([
    ...numbers,
    { keys: ["["], does: "", act: () => resize(-1) },
    { keys: ["]"], does: "", act: () => resize(1) },
    ...table,
  ]);

  return (
    <main class="study">
      <PatientBar study={study} review={review} keeping={keeping} onHelp={() => setHelp(true)} />
      {keeping === "conflict" && (
        <div class="banner" role="alert">
          {why}{" "}
          <button
            type="button"
            onClick={() => {
              drop(study.study_uid);
              location.reload();
            }}
          >
            Load it again
          </button>
        </div>
      )}
      <section class="side" aria-label="Findings and review">
        <Findings
          shown={shown}
          decisions={words.decisions}
          chosen={chosen}
          asking={asking}
          locked={locked}
          onChoose={choose}
          onAccept={accept}
          onReject={(number, reason) =>
            decide(number, { choice: "rejected", reason, comment: words.decisions[number]?.comment ?? "" })
          }
          onAsk={setAsking}
          onComment={(number, comment) =>
            change({
              ...words,
              decisions: { ...words.decisions, [number]: { ...words.decisions[number]!, comment } },
            })
          }
        />
        {shown.length === 0 && <p class="empty">No thrombus was found.</p>}
        <button type="button" class="add" disabled={locked} onClick={() => void add()}>
          <kbd>+</kbd> add a missed thrombus
        </button>
        {result.remarks.length > 0 && (
          <details class="remarks">
            <summary>
              {result.remarks.length} {result.remarks.length === 1 ? "remark" : "remarks"}
            </summary>
            <ul>
              {result.remarks.map((remark) => (
                <li key={remark.code + remark.text}>{remark.text}</li>
              ))}
            </ul>
          </details>
        )}
        <label class="comment">
          Comment
          <textarea
            id="comment"
            rows={3}
            maxLength={2000}
            disabled={locked}
            value={words.comment}
            onChange={(event) => change({ ...words, comment: event.currentTarget.value })}
          />
        </label>
        <div class="sign">
          {review.state === "signed" ? (
            <button type="button" onClick={() => void keeper.current?.reopen().catch((error: Error) => setWhy(error.message))}>
              Amend
            </button>
          ) : (
            <button type="button" class="main" disabled={locked || open > 0} onClick={() => setSigning(true)}>
              {open > 0 ? `${open} to decide` : "Sign"} {open === 0 && <kbd>s</kbd>}
            </button>
          )}
        </div>
      </section>
      <section class="images" aria-label="Images">
        <Toolbar
          tool={tool}
          locked={locked}
          canGrow={!locked && chosen !== null}
          pen={pen}
          tolerance={tolerance}
          windows={windows}
          window={window_}
          veins={veins}
          thrombi={masks}
          full={whole ? null : full}
          onTool={(name) => void use(name)}
          onGrow={() => void grow()}
          onUndo={() => viewer.current?.undo()}
          onPen={(size) => resize(size - pen)}
          onTolerance={setTolerance}
          onWindow={preset}
          onFade={fade}
          onFull={() => void toggleFull()}
        />
        <div class="stage">
          <canvas ref={canvas} id="images" tabIndex={0} aria-label="Axial, coronal and sagittal images" />
          {/* The viewer's own letters leave the picture where it is filled; these stay. */}
          {["axial", "coronal"].map((name) => (
            <div key={name} class={`sides ${name}`} aria-hidden="true">
              <span>R</span>
              <span>L</span>
            </div>
          ))}
          {ready !== "" && (
            <p class="loading" role="status">
              {ready}
            </p>
          )}
          <p class="readout" aria-live="off">
            {place !== null &&
              `${place.value.toFixed(0)}${result.modality === "CT" ? " HU" : ""} · ${where(place.point)}` +
                (tool === "look" ? "" : ` · ${tool} ${tool === "draw" ? `thrombus ${labelNow.current}` : ""}`)}
          </p>
        </div>
      </section>
      <section class="front" aria-label="Overview">
        <Overview
          id={study.id}
          view={view}
          result={result}
          place={place?.point ?? null}
          chosen={chosen}
          rejected={rejected}
          onGo={goTo}
          onFinding={(finding) => choose(finding.number)}
        />
        {chosen !== null && view.straight[String(chosen)] !== undefined && (
          <Straight
            key={chosen}
            id={study.id}
            view={view}
            number={chosen}
            window={[windows[window_]![1], windows[window_]![2]]}
            place={place?.point ?? null}
            onGo={goTo}
          />
        )}
      </section>
      {signing && (
        <SignDialog
          shown={shown.length - rejected.size}
          rejected={rejected.size}
          open={open}
          verdict={words.verdict}
          verdicts={VERDICT}
          onVerdict={(verdict) => change({ ...words, verdict })}
          onSign={async (who) => {
            // A study in which nothing was found is signed as it is.
            if (review.version === 0) keeper.current?.words(words);
            await keeper.current?.sign(who);
          }}
          onClose={() => setSigning(false)}
        />
      )}
      {help && <KeyHelp table={table} onClose={() => setHelp(false)} />}
    </main>
  );
}
