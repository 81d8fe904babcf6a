/** Text that would be something else than text if a report let it, and reports that are full of it. */
import { problem } from "../../lib/errors.ts";
import type { Report } from "../../lib/report/report.ts";
import { change, report, suite } from "./reports.ts";

export const HOSTILE = [
  "<script>alert(1)</script>",
  "</noscript><img src=x onerror=alert(1)>",
  '"><b onclick=x>',
  "' onmouseover='x",
  "&lt;already&amp;",
  "a|b\\|c",
  "`code` ``more``",
  "[link](http://evil.example) <http://evil.example> www.evil.example",
  "@somebody #1 **bold** _it_ ~~gone~~",
  "line\nbreak\r\u2028\u2029",
  "\u001b[2J\u0007\u009b\u202eoverride\u200b\u00ad\u{e0041}",
  "-->]]>{{x}}$(x)",
  "\\",
  `a-${"very".repeat(60)}-long-word`,
  " ",
] as const;

/** A report in which everything that a mirror, a config or a file name could bring in is this text. */
export function reportFilledWith(text: string): Report {
  const stanza = { package: text, type: "deb", architecture: text, version: text, mirror: text } as const;
  const side = { version: text, mirror: text, component: text };
  const names = [text, `${text}2`, ...Array.from({ length: 12 }, (_, position) => `${text} ${position}`)];
  const one = suite({
    name: text,
    mirrors: [{ name: text, suite: text, state: "new", date: text, validUntil: text, signedBy: [text, text], files: 1, bytes: 1, via: [] }],
    indices: [{ path: text, stanzas: 1, added: 1, removed: 1, changed: 1, bytes: 1, rebuilt: true }],
    changes: names.map((name) =>
      change("upgraded", name, {
        source: text,
        component: text,
        architecture: text,
        from: side,
        to: { ...side, version: `${text}9` },
        reason: text,
      }),
    ),
    banned: [{ ...stanza, rule: text, chain: [text, text, text], relation: text, reason: text }],
    behind: [{ ...stanza, newer: { version: `${text}9`, mirror: text }, because: text }],
    limited: [{ ...stanza, what: text }],
    orphans: [{ package: text, source: text, version: text }],
  });
  const run = { id: text, version: text, started: text, finished: text, dryRun: false };
  return report([one, { ...one, outcome: "held" }], {
    run,
    problems: [problem("error", "BUG", text, { mirror: text, suite: text, file: text }, text)],
  });
}
