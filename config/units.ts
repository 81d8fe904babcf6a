/** The units that the config writes: durations, sizes, shares. Each is one number and one unit, so that there is one way to read it. */

/** Also without a unit: 0. */
export const DURATION = /^(?:0|\d{1,9}(?:ms|s|m|h|d))$/;
export const SIZE = /^\d{1,12}[KMGT]?$/;
export const SHARE = /^\d{1,3}(?:\.\d{1,6})?%$/;

export const DAY_MS = 86_400_000;

const MILLISECONDS: Readonly<Record<string, number>> = { "": 0, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS };
const BYTES: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

function measured(text: string, form: RegExp, units: Readonly<Record<string, number>>): number | undefined {
  if (!form.test(text)) return undefined;
  const unit = units[text.replace(/^\d+/, "")];
  return unit === undefined ? undefined : Number.parseInt(text, 10) * unit;
}

/** `30s`, `15m`, `2h`, `7d`, `250ms` or `0` in milliseconds. */
export const parseDuration = (text: string): number | undefined => measured(text, DURATION, MILLISECONDS);

/** `512M`, `4G` or plain bytes, in bytes; K, M, G and T count in steps of 1024. */
export function parseSize(text: string): number | undefined {
  const bytes = measured(text, SIZE, BYTES);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** `20%` as 0.2; nothing above 100%. */
export function parseShare(text: string): number | undefined {
  const share = SHARE.test(text) ? Number.parseFloat(text) / 100 : Number.NaN;
  return share <= 1 ? share : undefined;
}
