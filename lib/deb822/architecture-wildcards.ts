/**
 * Architectures and the wildcards that stand for many of them, as dpkg has them.
 *
 * @see deb-src-control(5), "Build-Depends"; /usr/share/dpkg/tupletable
 */

/** Linux architectures whose name is not that of their processor: ABI and processor. */
const ODD_ARCHITECTURES: ReadonlyMap<string, readonly [abi: string, processor: string]> = new Map([
  ["armel", ["eabi", "arm"]],
  ["armhf", ["eabihf", "arm"]],
  ["arm64ilp32", ["ilp32", "arm64"]],
  ["x32", ["x32", "amd64"]],
  ["powerpcspe", ["spe", "powerpc"]],
  ["mips64", ["abi64", "mips64"]],
  ["mips64el", ["abi64", "mips64el"]],
  ["mips64r6", ["abi64", "mips64r6"]],
  ["mips64r6el", ["abi64", "mips64r6el"]],
  ["mipsn32", ["abin32", "mips64"]],
  ["mipsn32el", ["abin32", "mips64el"]],
  ["mipsn32r6", ["abin32", "mips64r6"]],
  ["mipsn32r6el", ["abin32", "mips64r6el"]],
]);

/** @param pattern an architecture or a wildcard such as `any`, `linux-any`, `any-amd64` */
export function isArchitecture(architecture: string, pattern: string): boolean {
  if (architecture === pattern || pattern === "any") return true;
  const wanted = pattern.split("-");
  if (!wanted.includes("any")) return pattern === `linux-${architecture}`;
  if (wanted.length > 4 || architecture === "all" || architecture === "source") return false;
  const tuple = tupleOf(architecture);
  // What a wildcard leaves out is any: `linux-any` is any-any-linux-any.
  return wanted.every((part, position) => part === "any" || part === tuple[tuple.length - wanted.length + position]);
}

/** ABI, libc, operating system and processor; an architecture without a system is one of GNU/Linux. */
function tupleOf(architecture: string): readonly string[] {
  const parts = architecture.split("-");
  const processor = parts.at(-1) ?? "";
  const [system = "linux", libc = "gnu"] = parts.slice(0, -1).reverse();
  const [abi, cpu] = ODD_ARCHITECTURES.get(processor) ?? ["base", processor];
  return [abi, libc, system, cpu];
}
