/** Where `aptmerge demo` publishes to, and `aptmerge verify` looks when it is told nothing else. */
export const DEMO_FOLDER = "aptmerge-demo";
