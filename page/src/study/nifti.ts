/** Files as the server sends them, for the viewer. */
import { NVImage } from "@niivue/niivue";

const HEADER = 352;

/** black, white: the values shown so; the viewer would look for some in all voxels otherwise. */
export function nifti(name: string, buffer: ArrayBuffer, black: number, white: number): Promise<NVImage> {
  return NVImage.loadFromUrl({ url: name, name, buffer, cal_min: black, cal_max: white });
}

/** Labels as NIfTI on the grid of an image. */
export function labels(image: ArrayBuffer, values: Uint8Array): ArrayBuffer {
  const made = new Uint8Array(HEADER + values.length);
  made.set(new Uint8Array(image, 0, HEADER));
  made.set(values, HEADER);
  const header = new DataView(made.buffer);
  header.setInt16(70, 2, true); // datatype: uint8
  header.setInt16(72, 8, true); // bits a voxel
  header.setFloat32(112, 1, true); // slope
  header.setFloat32(116, 0, true); // intercept
  return made.buffer;
}
