declare module "seek-bzip" {
  interface Input {
    readByte(): number;
    /** Fills the buffer; gives the number of bytes read. */
    read(into: Uint8Array, offset: number, length: number): number;
  }
  interface Output {
    writeByte(byte: number): void;
  }
  const seekBzip: {
    /** Decompresses one bzip2 stream. */
    decode(input: Input, output: Output): void;
  };
  export default seekBzip;
}
