/** The part of debian-control 1.0.0 that is used; the package ships no types. */
declare module "debian-control" {
  const control: {
    /** Fields of one stanza; a field with continuation lines is an array of trimmed lines. */
    parse(text: string): Record<string, string | string[]>;
  };
  export default control;
}
