/**
 * undici, but for its caches, mocks, interceptors and WebSockets: they make up more than half of what it takes to load, and runs that find
 * nothing to do are mostly loading.
 */
import methods from "undici/lib/api/index.js";
import buildConnector from "undici/lib/core/connect.js";
import Dispatcher from "undici/lib/dispatcher/dispatcher.js";
import EnvHttpProxyAgent from "undici/lib/dispatcher/env-http-proxy-agent.js";

// As undici itself does it in its index.js: without this a dispatcher can neither `request` nor, for a proxy, `connect`.
Object.assign(Dispatcher.prototype, methods);

export { buildConnector, EnvHttpProxyAgent };
