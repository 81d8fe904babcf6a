/** Packages of the installer: one stanza per udeb, in `COMPONENT/debian-installer/binary-ARCH/`. */
import { BINARY_FIELDS, binaryFault } from "./binary-stanza.ts";
import type { IndexKind } from "./index-kind.ts";

export const udeb: IndexKind = {
  name: "udeb",
  type: "udeb",
  fields: BINARY_FIELDS,
  pathField: "Filename",
  perArchitecture: true,
  fileName: "Packages",
  folder: (component, architecture) => `${component}/debian-installer/binary-${architecture}`,
  hasRelease: false,
  fault: binaryFault,
  aside: () => false,
};
