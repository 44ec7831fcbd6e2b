// esbuild's loader "binary" puts these files into the bundle.
declare module '*.wasm' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
