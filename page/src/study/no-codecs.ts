/** In the place of NiiVue's decoders for Zarr, which the node never serves: 1.4 MB, and WebAssembly. */
export default class {
  static fromConfig(): never {
    throw new Error("compressed Zarr chunks cannot be shown");
  }
}
