/** Tests against real programs say why they skip, and fail instead of skipping where everything should be there. */
import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";

const FOLDERS = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"].filter((folder) => folder !== "");

/** Absolute path of a program, or undefined. */
export function whereIs(program: string): string | undefined {
  for (const folder of FOLDERS) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder: look on.
    }
  }
  return undefined;
}

/** True when all are in PATH; otherwise the test is skipped with the reason, or fails when CI=true. */
export function needs(t: TestContext, ...programs: string[]): boolean {
  const missing = programs.filter((program) => whereIs(program) === undefined);
  if (missing.length === 0) return true;
  return without(t, `not installed: ${missing.join(", ")} (apt-get install provides them)`);
}

/** Skips for a reason found at run time, such as no reachable archive; fails when CI=true. */
export function without(t: TestContext, reason: string): false {
  if (process.env["CI"] === "true") throw new Error(`Cannot skip "${t.name}" with CI=true: ${reason}`);
  t.skip(reason);
  return false;
}

/** Whether a file system in memory can be mounted in a namespace of its own; otherwise the test is skipped with the reason, or fails when CI=true. */
export function mayMount(t: TestContext): boolean {
  if (!needs(t, "unshare", "mount")) return false;
  try {
    execFileSync("unshare", ["-rm", "mount", "-t", "tmpfs", "none", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return without(t, "this user may not mount in a namespace of its own");
  }
}
