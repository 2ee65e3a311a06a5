/** Window presets: name, and the values that are black and white. */
import type { Study } from "../api";

export type Window = [string, number, number];

const CT_WINDOWS: Window[] = [
  ["veins", -120, 240],
  ["soft tissue", -160, 240],
  ["clot", -20, 160],
  ["bone", -500, 1500],
];

export function windowsOf(study: Study): Window[] {
  const [low, high] = study.view!.window;
  if (study.result!.modality === "CT") return CT_WINDOWS;
  return [
    ["signal", low, high],
    ["darker", low, low + 1.6 * (high - low)],
    ["brighter", low, low + 0.6 * (high - low)],
  ];
}
