/** The findings of a study and those that a reader added: which one is looked at, and what is decided on each. */
import { useRef, useState } from "preact/hooks";
import type { Decision, Finding, Study } from "../api";
import { REASONS } from "../words";
import type { Shown } from "./findings";
import type { Images } from "./images";
import type { Reviewing } from "./review";

/** Labels are bytes. */
const MOST = 255;

export type Choice = ReturnType<typeof useChoice>;

export function useChoice(study: Study, review: Reviewing, images: Images) {
  const { findings } = study.result!;
  const [chosen, setChosen] = useState<number | null>(null);
  /** The finding for which a reason is asked. */
  const [asking, setAsking] = useState<number | null>(null);
  const [begun, setBegun] = useState<number[]>([]);
  /** What the pen draws; it is needed before the page is drawn again. */
  const label = useRef(1);
  const { decisions } = review.words;
  const added = [...new Set([...images.labels, ...begun])]
    .filter((number) => !findings.some((one) => one.number === number))
    .sort((a, b) => a - b);
  const shown: Shown[] = [
    ...findings.map((finding: Finding) => ({ number: finding.number, finding })),
    ...added.map((number) => ({ number, finding: null })),
  ];
  const rejected = new Set(
    shown.filter((one) => decisions[one.number]?.choice === "rejected").map((one) => one.number),
  );
  const open = findings.filter((one) => decisions[one.number] === undefined).length;

  function choose(number: number): void {
    setChosen(number);
    label.current = number;
    const finding = findings.find((one) => one.number === number);
    if (finding !== undefined) images.goTo(finding.key_point_mm);
  }

  /** So many findings on, or back. */
  function move(by: number): void {
    const next = shown[shown.findIndex((one) => one.number === chosen) + by];
    if (next !== undefined) choose(next.number);
  }

  function decide(number: number, decision: Omit<Decision, "comment">): void {
    setAsking(null);
    review.decide(number, { ...decision, comment: decisions[number]?.comment ?? "" });
    const next = shown.find((one) => one.number !== number && decisions[one.number] === undefined);
    if (next !== undefined) choose(next.number);
  }

  function accept(number: number | null): void {
    if (number !== null) decide(number, { choice: "accepted", reason: "" });
  }

  function reject(number: number, reason: string): void {
    decide(number, { choice: "rejected", reason });
  }

  /** Reject what is asked about for the reason at a place of their list. */
  function rejectFor(index: number): void {
    const reason = REASONS[index];
    if (asking !== null && reason !== undefined) reject(asking, reason[0]);
  }

  function comment(number: number, text: string): void {
    const decision = decisions[number];
    if (decision !== undefined) review.decide(number, { ...decision, comment: text });
  }

  /** Begin a thrombus that was missed; false if there are too many. */
  function add(): boolean {
    const number = Math.max(0, ...shown.map((one) => one.number)) + 1;
    if (number > MOST) return false;
    setBegun([...begun, number]);
    setChosen(number);
    label.current = number;
    return true;
  }

  return {
    chosen, asking, label, shown, rejected, open,
    choose, move, accept, reject, rejectFor, comment, add, ask: setAsking,
  };
}
