/** The keys of a study's page: what acts, and what `?` shows. */
import type { Key } from "../keys";
import { go } from "../route";
import type { Choice } from "./choice";
import type { Images } from "./images";
import type { Reviewing } from "./review";
import type { Tools } from "./tools";

export interface Dialogs {
  sign: () => void;
  help: () => void;
}

export function shortcuts(
  review: Reviewing,
  images: Images,
  choice: Choice,
  tools: Tools,
  dialogs: Dialogs,
): { shown: Key[]; all: Key[] } {
  const { locked } = review;
  const shown: Key[] = [
    { keys: ["n", "ArrowRight"], does: "next finding", act: () => choice.move(1) },
    { keys: ["p", "ArrowLeft"], does: "finding before", act: () => choice.move(-1) },
    { keys: ["a", "Enter"], does: "accept the finding", act: () => choice.accept(choice.chosen) },
    {
      keys: ["r"],
      does: "reject the finding (then 1 to 6 for the reason)",
      act: () => !locked && choice.ask(choice.chosen),
    },
    { keys: ["ArrowUp"], does: "slice towards the head", act: () => images.step(1) },
    { keys: ["ArrowDown"], does: "slice towards the feet", act: () => images.step(-1) },
    { keys: ["PageUp"], does: "ten slices towards the head", act: () => images.step(10) },
    { keys: ["PageDown"], does: "ten slices towards the feet", act: () => images.step(-10) },
    { keys: ["d"], does: "draw", act: () => void tools.use(tools.tool === "draw" ? "look" : "draw") },
    { keys: ["e"], does: "erase", act: () => void tools.use(tools.tool === "erase" ? "look" : "erase") },
    { keys: ["g"], does: "grow at the crosshair, within the tolerance", act: () => void tools.grow() },
    { keys: ["[", "]"], does: "smaller, larger pen", act: () => undefined },
    { keys: ["z"], does: "undo", act: tools.undo },
    { keys: ["+"], does: "add a missed thrombus", act: () => void tools.add() },
    { keys: ["f"], does: "full resolution here, or the whole study", act: () => void images.toggleFull() },
    { keys: ["v"], does: "veins on and off", act: tools.showVeins },
    { keys: ["m"], does: "thrombi on and off", act: tools.showThrombi },
    {
      keys: ["1", "2", "3", "4"].slice(0, tools.windows.length),
      does: tools.windows.map(([name]) => name).join(", "),
      act: () => undefined,
    },
    { keys: ["c"], does: "comment on the study", act: () => document.getElementById("comment")?.focus() },
    { keys: ["s"], does: "sign", act: () => !locked && dialogs.sign() },
    { keys: ["w", "Escape"], does: "back to the work list", act: back },
    { keys: ["?"], does: "show the keys", act: dialogs.help },
  ];
  function back(): void {
    if (choice.asking !== null) choice.ask(null);
    else if (tools.tool !== "look") void tools.use("look");
    else go("/");
  }
  const alone: Key[] = [
    { keys: ["["], does: "", act: () => tools.resize(-1) },
    { keys: ["]"], does: "", act: () => tools.resize(1) },
    ...["1", "2", "3", "4", "5", "6"].map((key, index) => ({
      keys: [key],
      does: "",
      act: () => (choice.asking !== null ? choice.rejectFor(index) : tools.preset(index)),
    })),
  ];
  return { shown, all: [...alone, ...shown] };
}
