/** The golden scenarios, one folder each. */
import { aliasAndSlashes } from "./alias-and-slashes/scenario.ts";
import { allVersions } from "./all-versions/scenario.ts";
import { archAllSplit } from "./arch-all-split/scenario.ts";
import { cnf } from "./cnf/scenario.ts";
import { componentMapping } from "./component-mapping/scenario.ts";
import { contents } from "./contents/scenario.ts";
import { dep11 } from "./dep11/scenario.ts";
import { extraSourceOnly } from "./extra-source-only/scenario.ts";
import { flatArchive } from "./flat-archive/scenario.ts";
import { identicalVersionConflict } from "./identical-version-conflict/scenario.ts";
import { newestThreeSuites } from "./newest-three-suites/scenario.ts";
import { overrides } from "./overrides/scenario.ts";
import { policy } from "./policy/scenario.ts";
import { prefixOddPaths } from "./prefix-odd-paths/scenario.ts";
import { priorityOverlay } from "./priority-overlay/scenario.ts";
import type { Scenario } from "./scenario.ts";
import { secondGeneration } from "./second-generation/scenario.ts";
import { severalVersions } from "./several-versions/scenario.ts";
import { sourcesKeep } from "./sources-keep/scenario.ts";
import { translations } from "./translations/scenario.ts";
import { udebs } from "./udebs/scenario.ts";

export const SCENARIOS: readonly Scenario[] = [
  aliasAndSlashes,
  allVersions,
  archAllSplit,
  cnf,
  componentMapping,
  contents,
  dep11,
  extraSourceOnly,
  flatArchive,
  identicalVersionConflict,
  newestThreeSuites,
  overrides,
  policy,
  prefixOddPaths,
  priorityOverlay,
  secondGeneration,
  severalVersions,
  sourcesKeep,
  translations,
  udebs,
];
