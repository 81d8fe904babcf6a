/** Packages: one stanza per binary package, in `COMPONENT/binary-ARCH/`. */
import { BINARY_FIELDS, binaryFault } from "./binary-stanza.ts";
import type { IndexKind } from "./index-kind.ts";

export const packages: IndexKind = {
  name: "packages",
  type: "deb",
  fields: BINARY_FIELDS,
  pathField: "Filename",
  perArchitecture: true,
  fileName: "Packages",
  folder: (component, architecture) => `${component}/binary-${architecture}`,
  hasRelease: true,
  fault: binaryFault,
  aside: () => false,
};
