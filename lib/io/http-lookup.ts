/** Where names lead, for hosts that a redirect named: a name of an attacker's may well mean this machine. Judged at the connection itself. */
import { type LookupAddress, lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { isLocalHost } from "./http-redirect.ts";

/** Stops a connection that would lead to this machine or its link. */
export class LocalTarget extends Error {
  constructor(host: string, address: string) {
    super(`${host} is ${address}`);
  }
}

/**
 * Answers as the system does, but for addresses of this machine and its link.
 *
 * @param mirror host of the config's URL: when it is on this machine itself, the others may be too
 */
export function guardedLookup(mirror: string, resolve: LookupFunction = lookup): LookupFunction {
  return (host, options, callback) => {
    const give = (addresses: readonly LookupAddress[]): void => {
      const [first = { address: "", family: 0 }] = addresses;
      if (options.all === true) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    };
    resolve(host, { ...options, all: true }, (error, answer) => {
      if (error !== null) return callback(error, []);
      const addresses = listed(answer);
      const local = addresses.find(({ address }) => isLocalHost(address));
      if (local === undefined) return give(addresses);
      resolve(mirror, { all: true }, (failed, own) => {
        const isHere = failed === null && listed(own).some(({ address }) => isLocalHost(address));
        if (isHere) give(addresses);
        else callback(new LocalTarget(host, local.address), []);
      });
    });
  };
}

const listed = (answer: string | readonly LookupAddress[]): readonly LookupAddress[] =>
  typeof answer === "string" ? [{ address: answer, family: answer.includes(":") ? 6 : 4 }] : answer;
