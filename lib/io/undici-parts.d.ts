/** The parts of undici that we load by themselves; their types are those that it has for the whole. */
declare module "undici/lib/dispatcher/env-http-proxy-agent.js" {
  export { EnvHttpProxyAgent as default } from "undici";
}

declare module "undici/lib/dispatcher/dispatcher.js" {
  export { Dispatcher as default } from "undici";
}

declare module "undici/lib/core/connect.js" {
  export { buildConnector as default } from "undici";
}

declare module "undici/lib/api/index.js" {
  import type { Dispatcher } from "undici";

  const methods: Pick<Dispatcher, "connect" | "pipeline" | "request" | "stream" | "upgrade">;
  export default methods;
}
