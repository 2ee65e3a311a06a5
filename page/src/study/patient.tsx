/** Whose study it is, what was found, and whether the review is saved. */
import type { Review, Study } from "../api";
import { Link } from "../route";
import { ageAndSex, day, percent, person } from "../words";
import type { Keeping } from "./review";

function kept(review: Review, keeping: Keeping): string {
  if (review.state === "signed") return `signed by ${review.changed_by}`;
  if (keeping === "saving") return "saving…";
  if (keeping === "conflict") return "not saved";
  return review.version > 0 ? `saved · ${review.changed_by}` : "not begun";
}

export function PatientBar(props: { study: Study; review: Review; keeping: Keeping; onHelp: () => void }) {
  const { study, keeping } = props;
  const result = study.result!;
  return (
    <header class="patient-bar">
      <Link href="/" class="back" label="Back to the work list">
        ←
      </Link>
      <h1>{person(study.patient_name)}</h1>
      <span>{study.patient_id}</span>
      <span>{ageAndSex(study.age, study.sex)}</span>
      <span>{day(study.study_date)}</span>
      <span class="muted">{study.description}</span>
      <span class={`verdict ${result.verdict}`}>
        {result.verdict_text}
        {result.probability !== null && ` · ${percent(result.probability)}`}
      </span>
      <span class={`keeping ${keeping}`} role="status">
        {kept(props.review, keeping)}
      </span>
      <button type="button" class="quiet" aria-label="Keys" onClick={props.onHelp}>
        <kbd>?</kbd>
      </button>
    </header>
  );
}
