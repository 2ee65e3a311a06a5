/** The study: look, jump, decide, correct, sign. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { getJson, type Study } from "../api";
import { KeyHelp, useKeys } from "../keys";
import { Link } from "../route";
import { person, sentence, STATUS, VERDICT } from "../words";
import { useChoice } from "./choice";
import { useImages } from "./images";
import { Overview } from "./overview";
import { PatientBar } from "./patient";
import { useReview } from "./review";
import { shortcuts } from "./shortcuts";
import { Side } from "./side";
import { SignDialog } from "./sign";
import { Stage } from "./stage";
import { Straight } from "./straight";
import { useTools } from "./tools";
import { windowsOf } from "./windows";

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
    return <Nothing text={[person(study.patient_name), STATUS[study.state] ?? study.state, study.reason].filter(Boolean).join(": ")} />;
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

/** A study that was screened; result and view are there. */
function Open({ study }: { study: Study }) {
  const result = study.result!;
  const view = study.view!;
  const windows = useMemo(() => windowsOf(study), [study]);
  const review = useReview(study);
  const images = useImages(study, review.keeper);
  const choice = useChoice(study, review, images);
  const tools = useTools(images, choice, windows, review.locked);
  const [dialog, setDialog] = useState<"" | "sign" | "help">("");
  const close = () => setDialog("");
  const [, low, high] = windows[tools.window]!;
  const place = images.place?.point ?? null;

  useEffect(() => {
    let gone = false;
    document.title = `${person(study.patient_name)} · deepvein`;
    void (async () => {
      if (!(await images.start([low, high], () => gone))) return;
      const first = result.findings[0];
      if (first === undefined) images.goToMiddle();
      else choice.choose(first.number);
      void images.refine().catch(images.failed);
      const left = await review.leftBehind();
      if (left === null || gone) return;
      review.takeUp(left);
      if (left.slab !== undefined) await images.putAgain(left.slab);
    })().catch(images.failed);
    return () => {
      gone = true;
      images.close();
    };
  }, []);

  const keys = shortcuts(review, images, choice, tools, {
    sign: () => setDialog("sign"),
    help: () => setDialog("help"),
  });
  useKeys(keys.all);

  return (
    <main class="study">
      <PatientBar
        study={study}
        review={review.review}
        keeping={review.keeping}
        onHelp={() => setDialog("help")}
      />
      {review.keeping === "conflict" && (
        <div class="banner" role="alert">
          {sentence(review.why)}{" "}
          <button type="button" onClick={review.loadAgain}>
            Load it again
          </button>
        </div>
      )}
      <Side
        result={result}
        review={review}
        choice={choice}
        onAdd={() => void tools.add()}
        onSign={() => setDialog("sign")}
      />
      <Stage
        study={study}
        images={images}
        tools={tools}
        label={choice.label.current}
        locked={review.locked}
        canGrow={choice.chosen !== null}
      />
      <section class="front" aria-label="Overview">
        <Overview
          id={study.id}
          view={view}
          result={result}
          place={place}
          chosen={choice.chosen}
          rejected={choice.rejected}
          onGo={images.goTo}
          onFinding={(finding) => choice.choose(finding.number)}
        />
        {choice.chosen !== null && view.straight[String(choice.chosen)] !== undefined && (
          <Straight
            key={choice.chosen}
            id={study.id}
            view={view}
            number={choice.chosen}
            window={[low, high]}
            place={place}
            onGo={images.goTo}
          />
        )}
      </section>
      {dialog === "sign" && (
        <SignDialog
          shown={choice.shown.length - choice.rejected.size}
          rejected={choice.rejected.size}
          open={choice.open}
          verdict={review.words.verdict}
          verdicts={VERDICT}
          onVerdict={(verdict) => review.change({ ...review.words, verdict })}
          onSign={review.sign}
          onClose={close}
        />
      )}
      {dialog === "help" && <KeyHelp table={keys.shown} onClose={close} />}
    </main>
  );
}
