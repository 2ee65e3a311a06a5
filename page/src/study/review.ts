/** The review of a study: what was said, how far it is saved, and what an earlier page left behind. */
import { useMemo, useState } from "preact/hooks";
import type { Decision, Review, Study } from "../api";
import { drop, kept, type Draft } from "./draft";
import { arrivedBefore, Keeper, type Words } from "./keeper";

export type Keeping = "saved" | "saving" | "conflict";
export type Reviewing = ReturnType<typeof useReview>;

export function useReview(study: Study) {
  const [review, setReview] = useState<Review>(study.review);
  const [words, setWords] = useState<Words>({
    decisions: study.review.decisions,
    verdict: study.review.verdict,
    comment: study.review.comment,
  });
  const [keeping, setKeeping] = useState<Keeping>("saved");
  const [why, setWhy] = useState("");
  const grid = study.view!.grid;
  const keeper = useMemo(
    () =>
      new Keeper(study.id, study.study_uid, grid, study.review, (now, state, reason) => {
        setReview(now);
        setKeeping(state);
        setWhy(reason);
      }),
    [],
  );
  const locked = review.state === "signed" || keeping === "conflict";

  function change(next: Words): void {
    if (locked) return;
    setWords(next);
    keeper.words(next);
  }

  function decide(number: number, decision: Decision): void {
    change({ ...words, decisions: { ...words.decisions, [number]: decision } });
  }

  /** What an earlier page could not save any more, for `takeUp`; null for nothing, or if it cannot be. */
  async function leftBehind(): Promise<Draft | null> {
    const draft = kept(study.study_uid);
    if (draft === null || (draft.slab === undefined && draft.words === undefined)) return null;
    if (draft.grid === grid && (await arrivedBefore(study.id, draft, study.review))) {
      drop(study.study_uid);
      return null;
    }
    if (draft.version !== study.review.version || draft.grid !== grid || study.review.state === "signed") {
      setWhy("Changes that an earlier page could not save belong to an older version of this review.");
      setKeeping("conflict");
      return null;
    }
    return draft;
  }

  function takeUp(draft: Draft): void {
    if (draft.words !== undefined) setWords(draft.words);
    keeper.again(draft);
  }

  /** Show what the server has instead of what could not be saved. */
  function loadAgain(): void {
    drop(study.study_uid);
    location.reload();
  }

  async function sign(who: Parameters<Keeper["sign"]>[0]): Promise<void> {
    // A study in which nothing was found is signed as it is.
    if (review.version === 0) keeper.words(words);
    await keeper.sign(who);
  }

  function reopen(): void {
    void keeper.reopen().catch((error: Error) => setWhy(error.message));
  }

  return {
    review, words, keeping, why, locked, keeper, change, decide, leftBehind, takeUp, loadAgain, sign, reopen,
  };
}
